#include "sealer/look_words.h"

#include <stddef.h>
#include <string.h>

static const char *const tags[LOOK_WORDS_LANGUAGES] = {
	[LOOK_WORDS_EN] = "en",
	[LOOK_WORDS_HU] = "hu",
	[LOOK_WORDS_AZ] = "az",
	[LOOK_WORDS_TR] = "tr",
	[LOOK_WORDS_UK] = "uk",
	[LOOK_WORDS_VI] = "vi",
};

/* Where a law on electronic seals has the word, its word: Regulation (EU) 910/2014 in English and
 * Hungarian, the laws of Turkey (5070), Ukraine (2155-VIII) and Viet Nam (20/2023/QH15). */
static const char *const words[LOOK_WORDS_LANGUAGES][LOOK_WORDS_WORDS] = {
	[LOOK_WORDS_EN] = {
		[LOOK_WORDS_SEAL] = "Electronic seal",
		[LOOK_WORDS_SEALED_BY] = "Sealed by",
		[LOOK_WORDS_DATE] = "Date",
		[LOOK_WORDS_REASON] = "Reason",
		[LOOK_WORDS_PLACE] = "Place",
		[LOOK_WORDS_ORGANISATION_ID] = "Organisation no.",
		[LOOK_WORDS_SERIAL] = "Certificate no.",
		[LOOK_WORDS_ISSUER] = "Issued by",
	},
	[LOOK_WORDS_HU] = {
		[LOOK_WORDS_SEAL] = "Elektronikus bélyegző",
		[LOOK_WORDS_SEALED_BY] = "Bélyegző létrehozója",
		[LOOK_WORDS_DATE] = "Időpont",
		[LOOK_WORDS_REASON] = "Indok",
		[LOOK_WORDS_PLACE] = "Hely",
		[LOOK_WORDS_ORGANISATION_ID] = "Szervezet azonosítója",
		[LOOK_WORDS_SERIAL] = "Tanúsítvány száma",
		[LOOK_WORDS_ISSUER] = "Kibocsátó",
	},
	[LOOK_WORDS_AZ] = {
		[LOOK_WORDS_SEAL] = "Elektron möhür",
		[LOOK_WORDS_SEALED_BY] = "Möhür sahibi",
		[LOOK_WORDS_DATE] = "Tarix",
		[LOOK_WORDS_REASON] = "Səbəb",
		[LOOK_WORDS_PLACE] = "Yer",
		[LOOK_WORDS_ORGANISATION_ID] = "Təşkilatın nömrəsi",
		[LOOK_WORDS_SERIAL] = "Sertifikatın nömrəsi",
		[LOOK_WORDS_ISSUER] = "Sertifikatı verən",
	},
	[LOOK_WORDS_TR] = {
		[LOOK_WORDS_SEAL] = "Elektronik mühür",
		[LOOK_WORDS_SEALED_BY] = "Mühür sahibi",
		[LOOK_WORDS_DATE] = "Tarih",
		[LOOK_WORDS_REASON] = "Gerekçe",
		[LOOK_WORDS_PLACE] = "Yer",
		[LOOK_WORDS_ORGANISATION_ID] = "Kuruluş no.",
		[LOOK_WORDS_SERIAL] = "Sertifika no.",
		[LOOK_WORDS_ISSUER] = "Sertifikayı veren",
	},
	[LOOK_WORDS_UK] = {
		[LOOK_WORDS_SEAL] = "Електронна печатка",
		[LOOK_WORDS_SEALED_BY] = "Створювач печатки",
		[LOOK_WORDS_DATE] = "Дата і час",
		[LOOK_WORDS_REASON] = "Підстава",
		[LOOK_WORDS_PLACE] = "Місце",
		[LOOK_WORDS_ORGANISATION_ID] = "Код організації",
		[LOOK_WORDS_SERIAL] = "Номер сертифіката",
		[LOOK_WORDS_ISSUER] = "Ким видано",
	},
	[LOOK_WORDS_VI] = {
		[LOOK_WORDS_SEAL] = "Con dấu điện tử",
		[LOOK_WORDS_SEALED_BY] = "Đóng dấu bởi",
		[LOOK_WORDS_DATE] = "Thời gian",
		[LOOK_WORDS_REASON] = "Lý do",
		[LOOK_WORDS_PLACE] = "Địa điểm",
		[LOOK_WORDS_ORGANISATION_ID] = "Mã tổ chức",
		[LOOK_WORDS_SERIAL] = "Số chứng thư",
		[LOOK_WORDS_ISSUER] = "Tổ chức cấp",
	},
};

bool look_words_language_of_tag(const char *tag, enum look_words_language *ret_language)
{
	for (size_t i = 0; i < LOOK_WORDS_LANGUAGES; i++)
		if (strcmp(tags[i], tag) == 0) {
			*ret_language = (enum look_words_language)i;
			return true;
		}
	return false;
}

const char *look_words_tag(enum look_words_language language)
{
	return tags[language];
}

const char *look_words_text(enum look_words_language language, enum look_words_word word)
{
	return words[language][word];
}
