#include "sealer/picture_parts.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

/* Markers (ITU-T T.81 Table B.1), the second octet of each. */
#define M_SOF0 0xc0 /* baseline */
#define M_SOF1 0xc1 /* extended sequential */
#define M_SOF2 0xc2 /* progressive */
#define M_DHT 0xc4
#define M_SOF15 0xcf
#define M_RST0 0xd0
#define M_RST7 0xd7
#define M_EOI 0xd9
#define M_SOS 0xda
#define M_DQT 0xdb
#define M_DNL 0xdc
#define M_DRI 0xdd
#define M_DHP 0xde
#define M_EXP 0xdf
#define M_APP0 0xe0
#define M_APP1 0xe1
#define M_APP14 0xee
#define M_APP15 0xef
#define M_COM 0xfe

#define INCH_CM 2.54
#define JFIF_HEAD 14 /* of APP0 up to the thumbnail */

struct walk {
	struct scope *s;
	struct bytes file;
	size_t at;
	struct buf out; /* what is kept */
	struct picture *p;
	bool has_jfif, has_adobe, has_scan, has_rgb_names;
};

static enum err broken(struct walk *w, const char *what)
{
	return scope_fault(w->s, ERR_FORMAT, "picture: JPEG: %s", what);
}

static enum err unsupported(struct walk *w, const char *what)
{
	return scope_fault(w->s, ERR_UNSUPPORTED, "picture: JPEG: %s", what);
}

static unsigned u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* The marker segment as it was, or with other content. */
static void keep(struct walk *w, uint8_t marker, struct bytes content)
{
	const uint8_t head[] = { 0xff, marker, (uint8_t)((content.n + 2) >> 8),
		(uint8_t)(content.n + 2) };
	buf_add(&w->out, bytes_of(head, sizeof(head)));
	buf_add(&w->out, content);
}

/* -- marker segments; `b` is what follows the length -- */

/* B.2.2: precision, height, width, and three octets for each component. */
static enum err read_frame(struct walk *w, uint8_t marker, struct bytes b)
{
	if (w->p->components)
		return broken(w, "two frames");
	if (b.n < 6 || b.n != 6 + 3 * (size_t)b.p[5])
		return broken(w, "a frame header of the wrong length");
	if (b.p[0] != 8)
		return unsupported(w, "not 8 bits a sample");
	if (b.p[5] != 1 && b.p[5] != 3 && b.p[5] != 4)
		return unsupported(w, "neither 1, 3 nor 4 components");
	w->p->height = u16(b.p + 1);
	w->p->width = u16(b.p + 3);
	if (w->p->height == 0)
		return unsupported(w, "the height is told after the samples");
	TRY(picture_check_size(w->s, w->p->width, w->p->height));
	for (size_t i = 6; i < b.n; i += 3) {
		unsigned across = b.p[i + 1] >> 4, down = b.p[i + 1] & 15;
		if (across < 1 || across > 4 || down < 1 || down > 4 || b.p[i + 2] > 3)
			return broken(w, "a component out of range");
	}
	w->p->components = b.p[5];
	w->has_rgb_names = b.n == 15 && b.p[6] == 'R' && b.p[9] == 'G' && b.p[12] == 'B';
	keep(w, marker, b);
	return OK;
}

/* B.2.3, and the entropy-coded data behind it: up to a marker other than a restart. */
static enum err read_scan(struct walk *w, struct bytes b)
{
	if (!w->p->components)
		return broken(w, "samples before the frame header");
	if (b.n < 4 || b.p[0] < 1 || b.p[0] > w->p->components || b.n != 4 + 2 * (size_t)b.p[0])
		return broken(w, "a scan header of the wrong length");
	size_t start = w->at;
	for (; w->at + 1 < w->file.n; w->at++) {
		uint8_t next = w->file.p[w->at + 1];
		if (w->file.p[w->at] == 0xff && next != 0 && !(next >= M_RST0 && next <= M_RST7))
			break;
	}
	keep(w, M_SOS, b);
	buf_add(&w->out, bytes_cut(w->file, start, w->at - start));
	w->has_scan = true;
	return OK;
}

/* JFIF (ITU-T T.871): density in dots per inch (1) or centimetre (2). Its thumbnail is dropped. */
static void read_jfif(struct walk *w, struct bytes b)
{
	if (!bytes_has_prefix(b, BYTES_LIT("JFIF\0")) || b.n < JFIF_HEAD || w->has_jfif)
		return;
	uint8_t head[JFIF_HEAD] = { 0 };
	double scale = b.p[7] == 1 ? 1 : b.p[7] == 2 ? INCH_CM : 0;
	w->p->dpi_x = u16(b.p + 8) * scale;
	w->p->dpi_y = u16(b.p + 10) * scale;
	for (size_t i = 0; i < JFIF_HEAD - 2; i++)
		head[i] = b.p[i];
	keep(w, M_APP0, bytes_of(head, sizeof(head)));
	w->has_jfif = true;
}

static enum err read_exif(struct walk *w, struct bytes b)
{
	if (!bytes_has_prefix(b, BYTES_LIT("Exif\0\0")))
		return OK;
	return picture_check_exif(w->s, bytes_from(b, 6));
}

/* Adobe Technical Note 5116: how the components are coded, which decoders need. */
static void read_adobe(struct walk *w, struct bytes b)
{
	if (!bytes_has_prefix(b, BYTES_LIT("Adobe")) || b.n < 12)
		return;
	keep(w, M_APP14, bytes_cut(b, 0, 12));
	w->has_adobe = true;
}

/* Exif, XMP, profiles, comments and thumbnails are read by no viewer of PDF, and tell more than the
 * picture does. */
static enum err read_segment(struct walk *w, uint8_t marker, struct bytes b)
{
	switch (marker) {
	case M_SOF0:
	case M_SOF1:
	case M_SOF2:
		return read_frame(w, marker, b);
	case M_SOS:
		return read_scan(w, b);
	case M_DQT:
	case M_DHT:
	case M_DRI:
		keep(w, marker, b);
		return OK;
	case M_APP0:
		read_jfif(w, b);
		return OK;
	case M_APP1:
		return read_exif(w, b);
	case M_APP14:
		read_adobe(w, b);
		return OK;
	case M_DNL:
		return unsupported(w, "the height is told after the samples");
	case M_DHP:
	case M_EXP:
		return unsupported(w, "hierarchical");
	default:
		break;
	}
	if (marker > M_SOF0 && marker <= M_SOF15) /* also DAC */
		return unsupported(w, "lossless, hierarchical or arithmetic coding");
	if ((marker >= M_APP0 && marker <= M_APP15) || marker == M_COM)
		return OK;
	return broken(w, "an unknown marker");
}

/* -- walking -- */

/* A marker may have fill octets of 0xff before it (B.1.1.2). */
static enum err next_marker(struct walk *w, uint8_t *ret_marker)
{
	if (w->at >= w->file.n || w->file.p[w->at] != 0xff)
		return broken(
		    w, w->at < w->file.n ? "no marker where one must be" : "it ends early");
	while (w->at < w->file.n && w->file.p[w->at] == 0xff)
		w->at++;
	if (w->at >= w->file.n)
		return broken(w, "it ends early");
	*ret_marker = w->file.p[w->at++];
	return OK;
}

static enum err walk_markers(struct walk *w)
{
	w->at = 2;
	for (;;) {
		uint8_t marker;
		TRY(next_marker(w, &marker));
		if (marker == M_EOI)
			return w->has_scan ? OK : broken(w, "it has no samples");
		struct bytes left = bytes_from(w->file, w->at);
		size_t n = left.n < 2 ? 0 : u16(left.p);
		if (n < 2 || n > left.n)
			return broken(w, "a marker segment leads beyond the end");
		w->at += n;
		TRY(read_segment(w, marker, bytes_cut(left, 2, n - 2)));
	}
}

enum err picture_jpeg(struct scope *s, struct bytes file, struct picture *ret_picture)
{
	struct picture p = *ret_picture;
	struct walk w = { .s = s, .file = file, .p = &p };
	w.out = buf_new(s, LIMIT_PICTURE_FILE + JFIF_HEAD);
	buf_add(&w.out, BYTES_LIT("\xff\xd8"));
	TRY(walk_markers(&w));
	buf_add(&w.out, BYTES_LIT("\xff\xd9"));
	TRY(buf_done(&w.out, &p.jpeg));
	p.inverted = p.components == 4 && w.has_adobe;
	p.plain_rgb = w.has_rgb_names && !w.has_jfif && !w.has_adobe;
	*ret_picture = p;
	return OK;
}
