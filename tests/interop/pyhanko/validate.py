"""What pyHanko says about signed PDF files: one line of JSON per file.

validate.py --trust PEM [--trust PEM].. [--offline] [--at RFC3339] FILE...

Two judgements per signature: its own (intact, valid, trusted, bottom_line, changes since) and that of
the EN 319 102-1 process for the signature's level ("ades": 5.3 basic, 5.5 with time, 5.6 archival; the
latter two want a timestamp in the signature, so a document timestamp alone leaves it at basic).
Revocation status is required for every certificate below the anchor. --offline: nothing but the
file's DSS may supply it. A timestamp row of its own stands for each document timestamp.
"""

import argparse
import asyncio
import json
import logging
import sys
from datetime import datetime, timezone

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.ades import (
    ades_basic_validation,
    ades_lta_validation,
    ades_with_time_validation,
)
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

import world


def context(reader, options, roots):
    """A fresh validation context; the file's DSS feeds it where there is one."""
    settings = {
        "trust_roots": roots,
        "allow_fetching": not options.offline,
        "revocation_mode": "require",
    }
    if options.at:
        settings.update(moment=options.at, allow_fetching=False)
    try:
        return DocumentSecurityStore.read_dss(reader).as_validation_context(settings)
    except NoDSSFoundError:
        if not settings["allow_fetching"]:
            settings.update(crls=[], ocsps=[])
        return ValidationContext(**settings)


def stored_evidence(reader, roots):
    """What the file's DSS holds, in the form the EN 319 102-1 processes take."""
    try:
        stored = DocumentSecurityStore.read_dss(reader).as_validation_context(
            {"trust_roots": roots, "allow_fetching": False}
        )
    except NoDSSFoundError:
        return LocalKnowledge()
    return LocalKnowledge(
        known_certs=list(stored.certificate_registry),
        known_crls=[CRLContainer(item) for item in stored.crls],
        known_ocsps=[one for item in stored.ocsps for one in OCSPContainer.load_multi(item)],
    )


def ades_settings(reader, options, roots):
    rule = (
        RevinfoOnlineFetchingRule.LOCAL_ONLY
        if options.offline
        else RevinfoOnlineFetchingRule.ALWAYS_FETCH
    )
    return SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(trust_roots=roots),
            revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
        ),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(online_fetching_rule=rule),
        local_knowledge=stored_evidence(reader, roots),
    )


def timing(options):
    if not options.at:
        return None
    return ValidationTimingInfo(options.at, options.at, point_in_time_validation=True)


async def ades(embedded, has_signature_timestamp, options, roots):
    settings = ades_settings(embedded.reader, options, roots)
    when = timing(options)
    archived = any(
        other.sig_object_type == "/DocTimeStamp"
        and other.signed_revision > embedded.signed_revision
        for other in embedded.reader.embedded_signatures
    )
    if has_signature_timestamp and archived:
        process = "archival"
        result = await ades_lta_validation(embedded, PdfSignatureValidationSpec(settings), when)
    else:
        process = "with-time" if has_signature_timestamp else "basic"
        run = ades_with_time_validation if has_signature_timestamp else ades_basic_validation
        result = await run(
            embedded.signed_data, settings, when, raw_digest=embedded.compute_digest()
        )
    return {
        "process": process,
        "indication": result.ades_subindic.status.name,
        "sub_indication": result.ades_subindic.standard_name,
        "message": result.failure_msg,
    }


def timestamp_row(status):
    return status and {
        "time": status.timestamp.isoformat(),
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "trust_problem": status.trust_problem_indic and status.trust_problem_indic.standard_name,
    }


def changes_row(status):
    level = status.modification_level
    return {
        "coverage": status.coverage and status.coverage.name,
        "modification_level": level.name if level is not None else None,
        "docmdp_ok": status.docmdp_ok,
    }


async def signature_row(embedded, options, roots):
    row = {"field": embedded.field_name, "kind": "signature"}
    try:
        status = await async_validate_pdf_signature(
            embedded, context(embedded.reader, options, roots)
        )
        row.update(
            intact=status.intact,
            valid=status.valid,
            trusted=status.trusted,
            bottom_line=status.bottom_line,
            trust_problem=status.trust_problem_indic and status.trust_problem_indic.standard_name,
            timestamp=timestamp_row(status.timestamp_validity),
            **changes_row(status),
        )
        timed = status.timestamp_validity is not None
        row["ades"] = await ades(embedded, timed, options, roots)
    except Exception as fault:
        row["error"] = f"{type(fault).__name__}: {fault}"
    return row


async def timestamp_field_row(embedded, options, roots):
    row = {"field": embedded.field_name, "kind": "document-timestamp"}
    try:
        status = await async_validate_pdf_timestamp(
            embedded, context(embedded.reader, options, roots)
        )
        row.update(timestamp_row(status), **changes_row(status))
    except Exception as fault:
        row["error"] = f"{type(fault).__name__}: {fault}"
    return row


async def file_row(path, options, roots):
    row = {"file": path, "signatures": [], "timestamps": []}
    try:
        with open(path, "rb") as file:
            reader = PdfFileReader(file)
            if reader.encrypted:
                reader.decrypt("")
            for embedded in reader.embedded_signatures:
                if embedded.sig_object_type == "/DocTimeStamp":
                    row["timestamps"].append(await timestamp_field_row(embedded, options, roots))
                else:
                    row["signatures"].append(await signature_row(embedded, options, roots))
    except Exception as fault:
        row["error"] = f"{type(fault).__name__}: {fault}"
    return row


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def main():
    parser = argparse.ArgumentParser(prog="validate.py")
    parser.add_argument("--trust", action="append", default=[], metavar="PEM")
    parser.add_argument("--at", type=instant, metavar="RFC3339")
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    world.stay_on_loopback()
    roots = world.certificates(options.trust)
    failed = False
    for path in options.files:
        row = asyncio.run(file_row(path, options, roots))
        failed = failed or "error" in row
        print(json.dumps(row), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
