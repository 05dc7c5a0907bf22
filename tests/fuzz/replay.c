/*
 * Runs a fuzz target over files and folders of inputs without libFuzzer, as one test in TAP.
 * Each input sits alone in a block of its exact size, so that a sanitizer sees a read past its end.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(size ? size : 1);
	const bool is_read = f && data && fread(data, 1, size, f) == size;
	if (f)
		fclose(f);
	/* Told beforehand: after a crash this line is all there is. */
	printf("# %s\n", path);
	fflush(stdout);
	if (is_read)
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	return is_read;
}

static bool replay(const char *path, unsigned *inputs);

static bool replay_folder(const char *path, unsigned *inputs)
{
	struct dirent **names;
	bool is_fine = true;
	const int n = scandir(path, &names, NULL, alphasort);
	if (n < 0)
		return false;
	for (int i = 0; i < n; i++) {
		char child[4096];
		const int length = snprintf(child, sizeof(child), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			is_fine &= length < (int)sizeof(child) && replay(child, inputs);
		free(names[i]);
	}
	free(names);
	return is_fine;
}

static bool replay(const char *path, unsigned *inputs)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return false;
	if (S_ISDIR(st.st_mode))
		return replay_folder(path, inputs);
	(*inputs)++;
	return replay_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	bool is_fine = true;
	unsigned inputs = 0;
	for (int i = 1; i < argc; i++)
		is_fine &= replay(argv[i], &inputs);
	is_fine &= inputs > 0;
	printf("1..1\n%s 1 - %u inputs\n", is_fine ? "ok" : "not ok", inputs);
	return is_fine ? 0 : 1;
}
