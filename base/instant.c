#include "base/instant.h"

#include <stdio.h>
#include <string.h>

#define DAY_S 86400
/* The years 1 to 9999: outside of them there is no civil form. */
#define CIVIL_FIRST (-62135596800)
#define CIVIL_LAST 253402300799

struct instant instant_add(struct instant t, int64_t seconds)
{
	int64_t sum;
	if (!instant_is_known(t))
		return t;
	if (__builtin_add_overflow(t.unix_s, seconds, &sum))
		sum = seconds > 0 ? INT64_MAX : INT64_MIN;
	return (struct instant){ sum == INT64_MIN ? INT64_MIN + 1 : sum };
}

struct instant instant_min(struct instant a, struct instant b)
{
	if (!instant_is_known(a))
		return b;
	return instant_is_known(b) && instant_before(b, a) ? b : a;
}

struct instant instant_max(struct instant a, struct instant b)
{
	return instant_before(a, b) ? b : a;
}

static bool has_civil_form(struct instant t)
{
	return t.unix_s >= CIVIL_FIRST && t.unix_s <= CIVIL_LAST;
}

/* Days from 1970-01-01, by Howard Hinnant's civil algorithm: years begin in March. */
static int64_t days_of_date(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

bool instant_of_civil(struct civil c, struct instant *ret_t)
{
	if (c.year < 1 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 ||
	    c.day > days_in_month(c.year, c.month))
		return false;
	if (c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59 || c.second < 0 ||
	    c.second > 60)
		return false;
	int64_t days = days_of_date(c.year, c.month, c.day);
	int64_t t = days * DAY_S + c.hour * 3600 + c.minute * 60 + c.second;
	if (t > CIVIL_LAST)
		return false; /* a leap second at the end of time */
	*ret_t = (struct instant){ t };
	return true;
}

struct civil instant_civil(struct instant t)
{
	int64_t s = t.unix_s < CIVIL_FIRST ? CIVIL_FIRST : t.unix_s;
	s = s > CIVIL_LAST ? CIVIL_LAST : s;
	int64_t days = s / DAY_S, rest = s % DAY_S;
	if (rest < 0) {
		rest += DAY_S;
		days--;
	}
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);
	return (struct civil){
		.year = (int)(yoe + era * 400 + (month <= 2)),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.hour = (int)(rest / 3600),
		.minute = (int)(rest / 60 % 60),
		.second = (int)(rest % 60),
	};
}

/* Reads `width` digits at *at and steps over them. */
static bool read_digits(struct bytes text, size_t *at, int width, int *ret_value)
{
	int value = 0;
	for (int i = 0; i < width; i++, (*at)++) {
		if (*at >= text.n || text.p[*at] < '0' || text.p[*at] > '9')
			return false;
		value = value * 10 + (text.p[*at] - '0');
	}
	*ret_value = value;
	return true;
}

static bool read_one_of(struct bytes text, size_t *at, const char *set)
{
	if (*at >= text.n || text.p[*at] == 0 || !strchr(set, text.p[*at]))
		return false;
	(*at)++;
	return true;
}

static bool read_fraction(struct bytes text, size_t *at)
{
	if (!read_one_of(text, at, "."))
		return true;
	size_t first = *at;
	while (read_one_of(text, at, "0123456789"))
		;
	return *at > first;
}

static bool read_offset(struct bytes text, size_t *at, int *ret_seconds)
{
	int hours, minutes;
	if (read_one_of(text, at, "Zz")) {
		*ret_seconds = 0;
		return true;
	}
	int sign = *at < text.n && text.p[*at] == '-' ? -1 : 1;
	if (!read_one_of(text, at, "+-") || !read_digits(text, at, 2, &hours) ||
	    !read_one_of(text, at, ":") || !read_digits(text, at, 2, &minutes))
		return false;
	*ret_seconds = sign * (hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

bool instant_of_rfc3339(struct bytes text, struct instant *ret_t)
{
	struct civil c;
	struct instant t;
	size_t at = 0;
	int offset = 0;
	bool shaped = read_digits(text, &at, 4, &c.year) && read_one_of(text, &at, "-") &&
		      read_digits(text, &at, 2, &c.month) && read_one_of(text, &at, "-") &&
		      read_digits(text, &at, 2, &c.day) && read_one_of(text, &at, "Tt ") &&
		      read_digits(text, &at, 2, &c.hour) && read_one_of(text, &at, ":") &&
		      read_digits(text, &at, 2, &c.minute) && read_one_of(text, &at, ":") &&
		      read_digits(text, &at, 2, &c.second) && read_fraction(text, &at) &&
		      read_offset(text, &at, &offset) && at == text.n;
	if (!shaped || !instant_of_civil(c, &t))
		return false;
	t = instant_add(t, -offset);
	if (!has_civil_form(t))
		return false;
	*ret_t = t;
	return true;
}

void instant_to_rfc3339(struct instant t, char ret_text[INSTANT_TEXT])
{
	struct civil c = instant_civil(t);
	if (!has_civil_form(t)) {
		snprintf(ret_text, INSTANT_TEXT, "unknown");
		return;
	}
	snprintf(ret_text, INSTANT_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year % 10000,
	    c.month % 100, c.day % 100, c.hour % 100, c.minute % 100, c.second % 100);
}
