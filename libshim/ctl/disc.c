// SPDX-License-Identifier: LGPL-2.1-or-later
/* wspctl send-disconnect and recv: disconnect data for scripts. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

/* All of standard input; one byte too many shows that it is too long. */
static ssize_t disc_input(char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n = 1;

	while (n && len < size) {
		n = read(STDIN_FILENO, buf + len, size - len);
		if (n < 0)
			return -1;
		len += n;
	}
	return len;
}

/**
 * ctl_send_disconnect() - wspctl send-disconnect
 * @opt: options
 * @argc: arguments: address
 * @argv: them
 *
 * Sends nothing but disconnect data, and waits for the peer's end.
 */
int ctl_send_disconnect(const struct ctl_options *opt, int argc, char **argv)
{
	char input[WSP_DISC_MAX + 1];
	const char *data = opt->data;
	ssize_t len = data ? (ssize_t)strlen(data) : disc_input(input, sizeof(input));
	struct ctl_conn c;
	int ret, sent;

	if (len < 0 || len > WSP_DISC_MAX) {
		ctl_say("standard input: %s", len < 0 ? strerror(errno) : "too long");
		return CTL_FAILED;
	}
	ret = ctl_conn_open(&c, opt, argc, argv);
	if (ret)
		return ret;
	sent = ctl_conn_send(&c, data ? data : input, len);
	ret = ctl_conn_drain(&c);
	if (!ret)
		ctl_conn_report(&c, opt, stdout);
	close(c.fd);
	return sent ? sent : ret;
}

/**
 * ctl_recv() - wspctl recv
 * @opt: options
 * @argc: arguments: address
 * @argv: them
 *
 * Writes the peer's disconnect data, as it is, or within JSON.
 */
int ctl_recv(const struct ctl_options *opt, int argc, char **argv)
{
	char data[WSP_DISC_MAX];
	struct ctl_conn c;
	ssize_t len;
	int ret;

	ret = ctl_conn_open(&c, opt, argc, argv);
	if (ret)
		return ret;
	ret = ctl_conn_drain(&c);
	if (ret)
		goto out;
	len = ctl_conn_data(&c, data, sizeof(data));
	if (opt->json)
		ctl_conn_report(&c, opt, stdout);
	else
		fwrite(data, 1, len, stdout);
	/* An end of ours; the peer may have gone already. */
	if (opt->data)
		ret = ctl_conn_send(&c, opt->data, strlen(opt->data));
	if (!ret && !len)
		ret = CTL_NO_DATA;
out:
	close(c.fd);
	return ret;
}
