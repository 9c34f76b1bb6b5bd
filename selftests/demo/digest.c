// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "digest.h"

void digest_start(struct digest *d)
{
	d->bytes = 0;
	d->sha = EVP_MD_CTX_new();
	if (!d->sha || !EVP_DigestInit_ex(d->sha, EVP_sha256(), NULL))
		errx(1, "no SHA-256");
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	if (!EVP_DigestUpdate(d->sha, data, len))
		errx(1, "SHA-256 failed");
	d->bytes += len;
}

void digest_finish(struct digest *d, char text[DIGEST_TEXT])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int len, i;

	if (!EVP_DigestFinal_ex(d->sha, sum, &len))
		errx(1, "SHA-256 failed");
	EVP_MD_CTX_free(d->sha);
	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", sum[i]);
	snprintf(text + 2 * len, DIGEST_TEXT - 2 * len, " %llu", d->bytes);
}
