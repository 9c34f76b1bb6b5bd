// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Programs that cannot be helped: the dynamic linker ignores LD_PRELOAD for some,
 * and others have none, or make system calls of their own.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "run.h"

#define PROGRAM_SCRIPTS		4 /* interpreters that are scripts, as the kernel allows */
#define PROGRAM_GO_NOTE		"Go\0\0"

/* A file's bytes. */
struct program {
	const char *path;
	const unsigned char *data;
	size_t size;
};

static bool program_executable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/**
 * run_find() - find a command as the shell does
 * @cmd: with a slash, or to be looked for in PATH
 * @path: out, RUN_PATH bytes
 */
bool run_find(const char *cmd, char *path)
{
	const char *dirs = getenv("PATH");

	if (strchr(cmd, '/')) {
		snprintf(path, RUN_PATH, "%s", cmd);
		return program_executable(path);
	}
	if (!dirs)
		dirs = "/usr/local/bin:/usr/bin:/bin";
	for (;;) {
		int n = strcspn(dirs, ":");

		snprintf(path, RUN_PATH, "%.*s/%s", n, n ? dirs : ".", cmd);
		if (*cmd && program_executable(path))
			return true;
		if (!dirs[n])
			return false;
		dirs += n + 1;
	}
}

/* Whether running @path changes identity or privilege, so that LD_PRELOAD is cut. */
static bool program_privileged(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return false;
	if (st.st_mode & S_ISUID && st.st_uid != geteuid()) {
		run_say("%s is setuid: the dynamic linker would ignore the library", path);
		return true;
	}
	if (st.st_mode & S_ISGID && st.st_mode & 0010 && st.st_gid != getegid()) {
		run_say("%s is setgid: the dynamic linker would ignore the library", path);
		return true;
	}
	if (geteuid() && getxattr(path, "security.capability", NULL, 0) > 0) {
		run_say("%s has file capabilities: the dynamic linker would ignore the library",
			path);
		return true;
	}
	return false;
}

static bool program_map(struct program *p)
{
	int fd = open(p->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *data;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) || !st.st_size) {
		close(fd);
		return false;
	}
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (data == MAP_FAILED)
		return false;
	p->data = data;
	p->size = st.st_size;
	return true;
}

static const Elf64_Phdr *program_phdr(const struct program *p, unsigned int i)
{
	const Elf64_Ehdr *eh = (const void *)p->data;
	size_t at = eh->e_phoff + i * sizeof(Elf64_Phdr);

	if (eh->e_phentsize != sizeof(Elf64_Phdr) || i >= eh->e_phnum || eh->e_phoff > p->size ||
	    at + sizeof(Elf64_Phdr) > p->size)
		return NULL;
	return (const void *)(p->data + at);
}

/* The Go linker's build id. */
static bool program_note_is_go(const struct program *p, const Elf64_Phdr *ph)
{
	size_t at = ph->p_offset, end = ph->p_offset + ph->p_filesz;

	if (ph->p_offset > p->size || ph->p_filesz > p->size - ph->p_offset)
		return false;
	while (at + sizeof(Elf64_Nhdr) <= end) {
		const Elf64_Nhdr *nh = (const void *)(p->data + at);
		size_t name = at + sizeof(*nh);

		if (nh->n_namesz > p->size || nh->n_descsz > p->size)
			return false;
		if (nh->n_namesz == 4 && name + 4 <= end &&
		    !memcmp(p->data + name, PROGRAM_GO_NOTE, 4))
			return true;
		at = name + ((nh->n_namesz + 3) & ~3UL) + ((nh->n_descsz + 3) & ~3UL);
	}
	return false;
}

/* Another C library's dynamic linker could not load ours. */
static bool program_interp_is_glibc(const struct program *p, const Elf64_Phdr *ph)
{
	static const char name[] = "/ld-linux-x86-64.so.2";

	return ph->p_offset < p->size && ph->p_filesz <= p->size - ph->p_offset &&
	       ph->p_filesz >= sizeof(name) &&
	       !memcmp(p->data + ph->p_offset + ph->p_filesz - sizeof(name), name, sizeof(name));
}

static bool program_elf_ok(const struct program *p)
{
	const Elf64_Ehdr *eh = (const void *)p->data;
	const Elf64_Phdr *ph;
	bool interp = false, glibc = false, go = false;

	if (p->size < sizeof(*eh) || eh->e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh->e_machine != EM_X86_64) {
		run_say("%s is for another kind of processor than the library", p->path);
		return false;
	}
	for (unsigned int i = 0; (ph = program_phdr(p, i)); i++) {
		interp |= ph->p_type == PT_INTERP;
		glibc |= ph->p_type == PT_INTERP && program_interp_is_glibc(p, ph);
		go |= ph->p_type == PT_NOTE && program_note_is_go(p, ph);
	}
	if (go)
		run_say("%s is a Go program: it makes its system calls past libc", p->path);
	else if (!interp)
		run_say("%s is statically linked: it loads no library", p->path);
	else if (!glibc)
		run_say("%s is for another C library", p->path);
	return glibc && !go;
}

/* "#!interpreter argument"; env's argument is what counts. */
static bool program_script(const struct program *p, char *interpreter)
{
	char line[256], *word, *arg, *save, *base;
	size_t n = p->size - 2 < sizeof(line) - 1 ? p->size - 2 : sizeof(line) - 1;

	memcpy(line, p->data + 2, n);
	line[n] = 0;
	line[strcspn(line, "\n")] = 0;
	word = strtok_r(line, " \t", &save);
	if (!word)
		return false;
	snprintf(interpreter, RUN_PATH, "%s", word);
	base = strrchr(word, '/');
	if (!base || strcmp(base + 1, "env"))
		return true;
	do
		arg = strtok_r(NULL, " \t", &save);
	while (arg && (*arg == '-' || strchr(arg, '=')));
	return !arg || run_find(arg, interpreter);
}

/**
 * run_may_preload() - whether the library can do anything for a program
 * @path: of the program
 *
 * Says why not. What cannot be read is given the benefit of the doubt.
 */
bool run_may_preload(const char *path)
{
	char interpreter[RUN_PATH];
	struct program p = { .path = path };
	bool ok = true, script = false;

	for (int i = 0; i < PROGRAM_SCRIPTS; i++) {
		if (program_privileged(p.path))
			return false;
		if (!program_map(&p))
			return true;
		script = p.size > 2 && !memcmp(p.data, "#!", 2);
		if (script)
			script = program_script(&p, interpreter);
		else if (p.size > SELFMAG && !memcmp(p.data, ELFMAG, SELFMAG))
			ok = program_elf_ok(&p);
		munmap((void *)p.data, p.size);
		if (!script)
			return ok;
		p.path = interpreter;
	}
	return true;
}
