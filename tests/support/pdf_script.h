/*
 * Changes to a PDF, written as lines of text, for tests: incremental updates as any program or
 * attacker might write them, and octets changed by hand. Mistakes end the program.
 *
 * Objects (gathered until the update is closed; NUM may be "NUM/GEN"):
 *	put NUM VALUE [stream DATA]         a new or replaced object
 *	raw NUM TEXT                        the same, written as it stands
 *	copy NUM FROM                       the same as another one
 *	set NUM PATH VALUE                  an entry: /Kids/0, /AcroForm/Fields (references are
 *	                                    followed, and the object there is changed); "." is
 *	                                    the object itself
 *	push NUM PATH VALUE                 appends to the array there, or makes one
 *	insert NUM PATH VALUE               the same as its first element
 *	delete NUM PATH                     removes an entry or element
 *	bare TEXT                           octets between the objects
 *	unlist NUM                          leaves the object out of the cross-references
 *	pack STREAM NUM...                  puts objects into an object stream
 * Entries of the cross-reference section beside those of the objects:
 *	free NUM [GEN]    entry NUM OFFSET [GEN]    inside NUM STREAM INDEX
 * The end of the update; without any it is closed like the file's last one:
 *	trailer /KEY [VALUE]                sets or removes an entry
 *	section table | stream NUM | hybrid NUM HIDDEN... | text TEXT | none
 *	startxref NUMBER                    another number    noeof    without %%EOF
 *	close                               and begin the next one
 * Octets of the file as it is now:
 *	append TEXT   prepend TEXT   over AT TEXT   splice AT N TEXT   cut N
 *	blank AT N                          spaces instead of N octets
 *	pad AT                              spaces up to there
 *	mark                                {mark} is the end of the file as it is now
 *	paste FROM N                        appends octets of the file as it was
 *	swap OLD => NEW                     the last occurrence
 *
 * In TEXT and DATA, \n \r \t \\ \0 \xHH stand for octets. Everywhere {NAME}, {NAME+N}, {NAME-N}
 * stand for: root, field, value, field2, value2 (object numbers of the first and second
 * signature), highest, new1 ... new9, dss; a, b, c, end (of the first ByteRange), size, xref (the
 * last section), at:NUM, after:NUM (of an object of the file as it was); contents, cms (the
 * former without its padding), dict (the first signature's), body:NUM, octets:FROM:N; gap (octets
 * from a to b), cmsend (where cms ends), range and rangelen (the array of /ByteRange), before (the
 * section of the revision before the last one), mark, look (the appearance of the first signature's
 * field). {0NAME}: the number with ten digits.
 */
#ifndef BULLA_TESTS_SUPPORT_PDF_SCRIPT_H
#define BULLA_TESTS_SUPPORT_PDF_SCRIPT_H

#include "base/bytes.h"

struct scope;
struct pdf_script;

struct pdf_script *pdf_script_new(struct scope *s, struct bytes document);
void pdf_script_run(struct pdf_script *p, const char *line);
struct bytes pdf_script_done(struct pdf_script *p);

#endif
