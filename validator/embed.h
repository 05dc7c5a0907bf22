/*
 * A file as a constant of the library: the assembler brings its octets into the object. Files of
 * the sources are named from the root; those made by the build are found in its folder (see the
 * Makefile, which must also name the file as something that the object depends on).
 */
#ifndef BULLA_VALIDATOR_EMBED_H
#define BULLA_VALIDATOR_EMBED_H

#include <stdint.h>

/* Declares and fills `symbol`; `symbol`_end follows its last octet, and a NUL stands there. */
#define EMBED(symbol, file)                                                                        \
	__asm__(".section .rodata\n" #symbol ":\n.incbin \"" file "\"\n" #symbol "_end:\n"         \
		".byte 0\n.previous\n");                                                           \
	extern const uint8_t symbol[], symbol##_end[]

#endif
