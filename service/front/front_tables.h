/*
 * All routes of the front, area by area.
 */
#ifndef BULLA_SERVICE_FRONT_FRONT_TABLES_H
#define BULLA_SERVICE_FRONT_FRONT_TABLES_H

#include "service/front/desk_approvals.h"
#include "service/front/desk_check.h"
#include "service/front/desk_filing.h"
#include "service/front/desk_log.h"
#include "service/front/desk_partners.h"
#include "service/front/desk_queue.h"
#include "service/front/filing_api.h"
#include "service/front/http_probe.h"
#include "service/front/page.h"
#include "service/front/partner_keys.h"
#include "service/front/partner_pages.h"
#include "service/front/person_account.h"
#include "service/front/ready.h"
#include "service/front/sealing_api.h"
#include "service/front/window_pages.h"

#endif
