// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The file of installed providers on disk.  Changes keep all lines that are not
 * the provider's own, and take effect as a whole or not at all: a new file
 * takes the old one's place.  The directory is locked meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "provconf.h"
#include "wide.h"

#define CONF_DEFAULT	"/etc/wsp/providers.conf"
#define CONF_MAX_BYTES	1048576

/**
 * wsp_conf_path() - which file it is
 *
 * Programs with rights of their own do not let the environment choose.
 *
 * Return: its path.
 */
const char *wsp_conf_path(void)
{
	const char *env = secure_getenv("WSP_PROVIDERS");

	return env && *env ? env : CONF_DEFAULT;
}

/**
 * wsp_conf_same_guid() - compare
 * @a: one
 * @b: the other
 *
 * Return: true if they are equal.
 */
bool wsp_conf_same_guid(const GUID *a, const GUID *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/**
 * wsp_conf_find() - look a provider up
 * @conf: the file
 * @id: number
 *
 * Return: the provider or NULL.
 */
const struct wsp_conf_provider *wsp_conf_find(const struct wsp_conf *conf, const GUID *id)
{
	for (size_t i = 0; i < conf->nproviders; i++)
		if (wsp_conf_same_guid(&conf->providers[i].id, id))
			return &conf->providers[i];
	return NULL;
}

static int conf_load(struct wsp_conf *conf, int fd)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return WSANO_RECOVERY;
	if (!S_ISREG(st.st_mode) || st.st_size > CONF_MAX_BYTES || (st.st_mode & 0002)) {
		fprintf(stderr, "wsp: %s: not a file, too large or writable by others\n",
			wsp_conf_path());
		return WSANO_RECOVERY;
	}
	conf->text = malloc(st.st_size + 1);
	if (!conf->text)
		return WSAENOBUFS;
	while (conf->len < (size_t)st.st_size) {
		n = read(fd, conf->text + conf->len, st.st_size - conf->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		conf->len += n;
	}
	conf->text[conf->len] = '\0';
	if (strlen(conf->text) == conf->len)
		return 0;
	fprintf(stderr, "wsp: %s: not a text\n", wsp_conf_path());
	return WSANO_RECOVERY;
}

/**
 * wsp_conf_read() - read the file
 * @conf: out; to be freed in any case
 *
 * Without the file there are no providers.  Mistakes go to stderr.
 *
 * Return: 0, WSANO_RECOVERY (unreadable or wrong) or WSAENOBUFS.
 */
int wsp_conf_read(struct wsp_conf *conf)
{
	int code, fd = open(wsp_conf_path(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	memset(conf, 0, sizeof(*conf));
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : WSANO_RECOVERY;
	code = conf_load(conf, fd);
	close(fd);
	if (code)
		return code;
	return wsp_conf_parse(conf);
}

/**
 * wsp_conf_free() - free what wsp_conf_read() got
 * @conf: the file
 */
void wsp_conf_free(struct wsp_conf *conf)
{
	free(conf->text);
	free(conf->providers);
	free(conf->entries);
	free(conf->order);
	memset(conf, 0, sizeof(*conf));
}

static int conf_lock_dir(void)
{
	char *copy = strdup(wsp_conf_path());
	int fd = -1;

	if (!copy)
		return -1;
	if (!mkdir(dirname(copy), 0755) || errno == EEXIST)
		fd = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return -1;
	while (flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		close(fd);
		return -1;
	}
	return fd;
}

static bool conf_write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= n;
	}
	return !fsync(fd);
}

static int conf_replace(const char *text, size_t len)
{
	char *tmp;
	bool ok;
	int fd;

	if (asprintf(&tmp, "%s.XXXXXX", wsp_conf_path()) < 0)
		return WSAENOBUFS;
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0) {
		free(tmp);
		return WSANO_RECOVERY;
	}
	ok = conf_write_all(fd, text, len) && !fchmod(fd, 0644);
	ok = !close(fd) && ok && !rename(tmp, wsp_conf_path());
	if (!ok)
		unlink(tmp);
	free(tmp);
	return ok ? 0 : WSANO_RECOVERY;
}

static int conf_change(int (*edit)(const struct wsp_conf *conf, FILE *out, const void *arg),
		       const void *arg)
{
	struct wsp_conf conf = { 0 };
	int code = WSANO_RECOVERY, dir = conf_lock_dir();
	size_t len = 0;
	char *text = NULL;
	FILE *out;

	if (dir < 0)
		return WSANO_RECOVERY;
	code = wsp_conf_read(&conf);
	if (code)
		goto out_unlock;
	code = WSAENOBUFS;
	out = open_memstream(&text, &len);
	if (!out)
		goto out_unlock;
	code = edit(&conf, out, arg);
	if (fclose(out) && !code)
		code = WSAENOBUFS;
	if (!code)
		code = conf_replace(text, len);
	free(text);
out_unlock:
	wsp_conf_free(&conf);
	close(dir);
	return code;
}

struct conf_new {
	const GUID *id;
	const char *path;
	const WSAPROTOCOL_INFOW *infos;
	size_t n;
};

static void conf_put_guid(FILE *out, const GUID *id)
{
	fprintf(out, "{%08x-%04x-%04x-%02x%02x-", id->Data1, id->Data2, id->Data3, id->Data4[0],
		id->Data4[1]);
	for (int i = 2; i < 8; i++)
		fprintf(out, "%02x", id->Data4[i]);
	fputc('}', out);
}

/* What a line cannot hold. */
static bool conf_is_plain(const char *s)
{
	for (const char *p = s; *p; p++)
		if ((unsigned char)*p < ' ' || *p == '#' || *p == 0x7f)
			return false;
	return *s && *s != ' ' && s[strlen(s) - 1] != ' ';
}

static int conf_put_entry(FILE *out, const WSAPROTOCOL_INFOW *info, DWORD id)
{
	const WSAPROTOCOLCHAIN *chain = &info->ProtocolChain;
	char name[3 * (WSAPROTOCOL_LEN + 1)];

	if (wsp_wide_to_utf8(name, sizeof(name), info->szProtocol) > sizeof(name) ||
	    !conf_is_plain(name))
		return WSAEINVAL;
	if (info->iVersion != 2 || chain->ChainLen < 0 || chain->ChainLen > MAX_PROTOCOL_CHAIN)
		return WSAEINVAL;
	fprintf(out, "\n[entry %u]\nname = %s\n", id, name);
	for (size_t i = 0; i < wsp_conf_nfields; i++) {
		uint32_t n;

		memcpy(&n, (const char *)info + wsp_conf_fields[i].off, sizeof(n));
		if (n || wsp_conf_fields[i].required)
			fprintf(out, n > 9999 ? "%s = %#x\n" : "%s = %u\n",
				wsp_conf_fields[i].key, n);
	}
	if (chain->ChainLen == LAYERED_PROTOCOL)
		fputs("chain = 0\n", out);
	if (chain->ChainLen <= BASE_PROTOCOL)
		return 0;
	fputs("chain =", out);
	for (int i = 0; i < chain->ChainLen; i++)
		fprintf(out, " %u", chain->ChainEntries[i]);
	fputc('\n', out);
	return 0;
}

/* Up to where the text ends with a line's end. */
static void conf_put_text(const struct wsp_conf *conf, FILE *out, size_t begin, size_t end)
{
	fwrite(conf->text + begin, 1, end - begin, out);
	if (end > begin && conf->text[end - 1] != '\n')
		fputc('\n', out);
}

static int conf_edit_install(const struct wsp_conf *conf, FILE *out, const void *arg)
{
	const struct conf_new *new = arg;
	DWORD id = WSP_CONF_FIRST_ID;

	if (!conf_is_plain(new->path) || wsp_conf_find(conf, new->id))
		return WSAEINVAL;
	for (size_t i = 0; i < conf->nentries; i++)
		if (conf->entries[i].dwCatalogEntryId >= id)
			id = conf->entries[i].dwCatalogEntryId + 1;
	if (conf->len)
		conf_put_text(conf, out, 0, conf->len);
	fputs("\n[provider ", out);
	conf_put_guid(out, new->id);
	fprintf(out, "]\npath = %s\n", new->path);
	for (size_t i = 0; i < new->n; i++) {
		int code = conf_put_entry(out, &new->infos[i], id + i);

		if (code)
			return code;
	}
	return 0;
}

static int conf_edit_remove(const struct wsp_conf *conf, FILE *out, const void *arg)
{
	const struct wsp_conf_provider *prov = wsp_conf_find(conf, arg);

	if (!prov)
		return WSAEINVAL;
	conf_put_text(conf, out, 0, prov->begin);
	conf_put_text(conf, out, prov->end, conf->len);
	return 0;
}

struct conf_ids {
	const DWORD *ids;
	size_t n;
};

static int conf_edit_order(const struct wsp_conf *conf, FILE *out, const void *arg)
{
	const struct conf_ids *new = arg;

	if (conf->len) {
		conf_put_text(conf, out, 0, conf->order_end ? conf->order_begin : conf->len);
		if (conf->order_end)
			conf_put_text(conf, out, conf->order_end, conf->len);
	}
	fputs("\n[order]\nfirst =", out);
	for (size_t i = 0; i < new->n; i++)
		fprintf(out, " %u", new->ids[i]);
	fputc('\n', out);
	return 0;
}

/**
 * wsp_conf_install() - add a provider
 * @id: number
 * @path: shared object
 * @infos: protocols
 * @n: how many
 *
 * Return: 0, WSAEINVAL, WSANO_RECOVERY or WSAENOBUFS.
 */
int wsp_conf_install(const GUID *id, const char *path, const WSAPROTOCOL_INFOW *infos, size_t n)
{
	const struct conf_new new = { id, path, infos, n };

	return conf_change(conf_edit_install, &new);
}

/**
 * wsp_conf_remove() - take a provider out
 * @id: number
 *
 * Return: 0, WSAEINVAL (not there), WSANO_RECOVERY or WSAENOBUFS.
 */
int wsp_conf_remove(const GUID *id)
{
	return conf_change(conf_edit_remove, id);
}

/**
 * wsp_conf_reorder() - say which entries go first
 * @ids: catalogue numbers
 * @n: how many
 *
 * Return: 0, WSANO_RECOVERY or WSAENOBUFS.
 */
int wsp_conf_reorder(const DWORD *ids, size_t n)
{
	const struct conf_ids new = { ids, n };

	return conf_change(conf_edit_order, &new);
}
