#include "sealer/srgb.h"

#include "base/buf.h"
#include "base/scope.h"

#define HEAD 128
#define TAGS 9
#define TAG_ENTRY 12
#define SAMPLES 256 /* of the tone curve: one for each value of 8 bits */

struct xyz {
	uint32_t x, y, z; /* s15Fixed16 */
};

/* The white point D50 of the profile connection space, and the primaries of IEC 61966-2-1 brought
 * to it from D65 (Bradford); their sum is the white point. */
static const struct xyz white = { 0xf6d6, 0x10000, 0xd32d };
static const struct xyz red = { 0x6fa0, 0x38f5, 0x0390 };
static const struct xyz green = { 0x6297, 0xb787, 0x18d9 };
static const struct xyz blue = { 0x249f, 0x0f84, 0xb6c4 };

static void add_u16(struct buf *b, unsigned v)
{
	buf_add_byte(b, (uint8_t)(v >> 8));
	buf_add_byte(b, (uint8_t)v);
}

static void add_u32(struct buf *b, uint32_t v)
{
	add_u16(b, v >> 16);
	add_u16(b, v & 0xffff);
}

static void add_xyz(struct buf *b, struct xyz v)
{
	add_u32(b, v.x);
	add_u32(b, v.y);
	add_u32(b, v.z);
}

/* -- what the tags hold (ICC.1:1998-09 6.5) -- */

static void add_description(struct buf *b)
{
	static const char text[] = "sRGB";
	buf_add_str(b, "desc");
	add_u32(b, 0);
	add_u32(b, sizeof(text));
	buf_add(b, bytes_of(text, sizeof(text)));
	buf_add_repeat(b, 0, 4 + 4);      /* Unicode: language, count */
	buf_add_repeat(b, 0, 2 + 1 + 67); /* Macintosh: script, count, room */
}

static void add_copyright(struct buf *b)
{
	static const char text[] = "No copyright";
	buf_add_str(b, "text");
	add_u32(b, 0);
	buf_add(b, bytes_of(text, sizeof(text)));
}

static void add_colour(struct buf *b, struct xyz v)
{
	buf_add_str(b, "XYZ ");
	add_u32(b, 0);
	add_xyz(b, v);
}

/* The fifth root of v in (0, 1], by Newton's steps: the same on every machine. */
static double fifth_root(double v)
{
	double r = 1;
	for (int i = 0; i < 60; i++)
		r -= (r * r * r * r * r - v) / (5 * r * r * r * r);
	return r;
}

/* IEC 61966-2-1: from a value to the intensity of light. */
static double intensity(double v)
{
	if (v <= 0.04045)
		return v / 12.92;
	double base = (v + 0.055) / 1.055, root = fifth_root(base);
	return base * base * root * root; /* to the power of 2.4 */
}

static void add_curve(struct buf *b)
{
	buf_add_str(b, "curv");
	add_u32(b, 0);
	add_u32(b, SAMPLES);
	for (unsigned i = 0; i < SAMPLES; i++)
		add_u16(b, (unsigned)(intensity(i / (SAMPLES - 1.0)) * 65535 + 0.5));
}

/* -- the profile -- */

struct tag {
	const char *name;
	size_t at, n; /* of its contents, from the end of the table */
};

/* What was added since the last one, under this name. */
static struct tag close_tag(struct buf *b, const char *name, struct tag last)
{
	size_t at = (last.at + last.n + 3) / 4 * 4;
	struct tag t = { name, at, b->n - at };
	buf_add_repeat(b, 0, -b->n % 4);
	return t;
}

/* The contents behind each other; the three curves are one. */
static void add_contents(struct buf *b, struct tag t[TAGS])
{
	const struct tag none = { "", 0, 0 };
	add_description(b);
	t[0] = close_tag(b, "desc", none);
	add_copyright(b);
	t[1] = close_tag(b, "cprt", t[0]);
	add_colour(b, white);
	t[2] = close_tag(b, "wtpt", t[1]);
	add_colour(b, red);
	t[3] = close_tag(b, "rXYZ", t[2]);
	add_colour(b, green);
	t[4] = close_tag(b, "gXYZ", t[3]);
	add_colour(b, blue);
	t[5] = close_tag(b, "bXYZ", t[4]);
	add_curve(b);
	t[6] = t[7] = t[8] = close_tag(b, "rTRC", t[5]);
	t[7].name = "gTRC";
	t[8].name = "bTRC";
}

/* ICC.1:1998-09 6.1 */
static void add_head(struct buf *b, size_t size)
{
	add_u32(b, (uint32_t)size);
	add_u32(b, 0);          /* no preferred module */
	add_u32(b, 0x02100000); /* version 2.1 */
	buf_add_str(b, "mntrRGB XYZ ");
	add_u16(b, 2026);
	add_u16(b, 1);
	add_u16(b, 1);
	buf_add_repeat(b, 0, 6); /* midnight */
	buf_add_str(b, "acsp");
	buf_add_repeat(b, 0, 28); /* platform, flags, device, attributes, perceptual intent */
	add_xyz(b, white);
	buf_add_repeat(b, 0, HEAD - 80);
}

enum err srgb_profile(struct scope *s, struct bytes *ret_icc)
{
	struct tag tags[TAGS];
	struct buf contents = buf_new(s, 4096), b = buf_new(s, 4096);
	struct bytes all;
	add_contents(&contents, tags);
	TRY(buf_done(&contents, &all));
	add_head(&b, HEAD + 4 + TAGS * TAG_ENTRY + all.n);
	add_u32(&b, TAGS);
	for (size_t i = 0; i < TAGS; i++) {
		buf_add_str(&b, tags[i].name);
		add_u32(&b, (uint32_t)(HEAD + 4 + TAGS * TAG_ENTRY + tags[i].at));
		add_u32(&b, (uint32_t)tags[i].n);
	}
	buf_add(&b, all);
	return buf_done(&b, ret_icc);
}
