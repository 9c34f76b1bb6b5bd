// SPDX-License-Identifier: GPL-2.0
/*
 * replay FILE…: a target without libFuzzer, given what is in the files. Ends with
 * how many there were; a crash ends it earlier, behind the name of the file.
 */
#include <err.h>

#include "target.h"

#define REPLAY_MAX	(1 << 20)

/* Of its exact size, so that a sanitizer sees who reads on. */
static void replay_file(const char *path)
{
	uint8_t *room = malloc(REPLAY_MAX), *data;
	FILE *in = fopen(path, "rb");
	size_t size;

	if (!in || !room)
		err(2, "%s", path);
	size = fread(room, 1, REPLAY_MAX, in);
	fclose(in);
	data = realloc(room, size + !size);
	if (!data)
		err(2, "%s", path);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay_file(argv[i]);
	fprintf(stderr, "%d inputs\n", argc - 1);
	return argc > 1 ? 0 : 2;
}
