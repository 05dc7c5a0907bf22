/*
 * Internal to sealer/picture*.c: the two formats, what both may carry, and rows that
 * compress well.
 */
#ifndef BULLA_SEALER_PICTURE_PARTS_H
#define BULLA_SEALER_PICTURE_PARTS_H

#include "sealer/picture.h"

/* Each fills in a picture that is all zero. */
must_check enum err picture_png(struct scope *s, struct bytes file, struct picture *ret_picture);
must_check enum err picture_jpeg(struct scope *s, struct bytes file, struct picture *ret_picture);

/* ERR_LIMIT or ERR_FORMAT unless pictures of this size are taken. */
must_check enum err picture_check_size(struct scope *s, uint32_t width, uint32_t height);
/* Exif (JEITA CP-3451) from its TIFF header on: ERR_UNSUPPORTED when it says that the picture is to
 * be turned or mirrored. One that cannot be read says nothing. */
must_check enum err picture_check_exif(struct scope *s, struct bytes tiff);
/* The samples as predictor 15 of FlateDecode wants them (ISO 32000-2 7.4.4.4): before each row of
 * `row` octets its type. `pixel`: octets of a sample with all its components. */
must_check enum err picture_rows(
    struct scope *s, struct bytes samples, size_t row, size_t pixel, struct bytes *ret_filtered);

#endif
