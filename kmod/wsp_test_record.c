// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the record and of the tags that key it.
 *
 * The expected values come from a second implementation of SipHash-2-4,
 * checked against the vector in its authors' paper.
 */
#include <kunit/test.h>

#include "wsp.h"

#define TAG		0xdeadbeeeU

static const struct {
	u32 tag;
	u32 oob;
	u16 len;
	u16 magic;
	u64 mac;
} golden[] = {
	{ 0x12345679, 0, 5, 0x444d, 0xe50062e84228d2a9ULL },
	{ TAG, 0x41000007, 1024, 0x6043, 0x29b661a3fd014406ULL },
	{ 0x10000, 0, 0, 0x0001, 0xb47206bb7b0b6acdULL },
	{ 0x12345679, 0, WSP_DISC_MAX + 1, 0x444d, 0x484480a992b16347ULL },
	{ 0x12345679, 0, 0xffff, 0x444d, 0xb81d356ce06244aaULL },
};

static void record_golden(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(golden); i++) {
		KUNIT_EXPECT_EQ(test, wsp_magic(golden[i].tag), golden[i].magic);
		KUNIT_EXPECT_EQ(test, wsp_mac(golden[i].tag, golden[i].magic, golden[i].len,
					      golden[i].oob), golden[i].mac);
	}
}

static void record_bytes(struct kunit *test)
{
	static const u8 want_hdr[] = {
		0x60, 0x43, 0x00, 0x05, 0x41, 0x00, 0x00, 0x07,
		0xd3, 0xee, 0xba, 0xf0, 0xc3, 0xcf, 0x10, 0xde,
	};
	static const u8 want_ftr[] = { 0x60, 0x43, 0x00, 0x05 };
	struct wsp_record_hdr hdr;
	struct wsp_record_ftr ftr;

	wsp_record_build(&hdr, &ftr, TAG, 5, 0x41000007);
	KUNIT_EXPECT_EQ(test, memcmp(&hdr, want_hdr, sizeof(hdr)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&ftr, want_ftr, sizeof(ftr)), 0);
}

static struct wsp_record_hdr record_header(u32 tag, u16 len, u32 oob)
{
	u16 magic = wsp_magic(tag);

	return (struct wsp_record_hdr){
		.magic = cpu_to_be16(magic),
		.len = cpu_to_be16(len),
		.oob = cpu_to_be32(oob),
		.mac = cpu_to_be64(wsp_mac(tag, magic, len, oob)),
	};
}

static void record_verify_built(struct kunit *test)
{
	static const u16 lens[] = { 0, 1, 2, 255, 1024, WSP_DISC_MAX };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		struct wsp_record_hdr hdr;
		struct wsp_record_ftr ftr;

		wsp_record_build(&hdr, &ftr, TAG, lens[i], 7);
		KUNIT_EXPECT_TRUE(test, wsp_record_verify(&hdr, TAG));
		KUNIT_EXPECT_EQ(test, be16_to_cpu(hdr.len), lens[i]);
		KUNIT_EXPECT_EQ(test, be32_to_cpu(hdr.oob), 7);
		KUNIT_EXPECT_EQ(test, be16_to_cpu(ftr.magic), wsp_magic(TAG));
		KUNIT_EXPECT_EQ(test, be16_to_cpu(ftr.len), lens[i]);
	}
}

static void record_verify_bit_flips(struct kunit *test)
{
	struct wsp_record_hdr good = record_header(TAG, 37, 0x41000007), hdr;
	unsigned int bit;

	KUNIT_ASSERT_TRUE(test, wsp_record_verify(&good, TAG));
	for (bit = 0; bit < 8 * sizeof(hdr); bit++) {
		hdr = good;
		((u8 *)&hdr)[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_FALSE(test, wsp_record_verify(&hdr, TAG));
	}
}

static void record_verify_length(struct kunit *test)
{
	struct wsp_record_hdr hdr = record_header(TAG, WSP_DISC_MAX, 0);
	unsigned int len;

	KUNIT_EXPECT_TRUE(test, wsp_record_verify(&hdr, TAG));
	/* The length alone must refuse these: everything else is right. */
	for (len = WSP_DISC_MAX + 1; len <= 0xffff; len += 61) {
		hdr = record_header(TAG, len, 0);
		KUNIT_EXPECT_FALSE(test, wsp_record_verify(&hdr, TAG));
	}
	hdr = record_header(TAG, 0xffff, 0);
	KUNIT_EXPECT_FALSE(test, wsp_record_verify(&hdr, TAG));
}

static void record_verify_tag(struct kunit *test)
{
	struct wsp_record_hdr hdr = record_header(TAG, 37, 0);
	unsigned int bit;

	for (bit = 0; bit < 32; bit++)
		KUNIT_EXPECT_FALSE(test, wsp_record_verify(&hdr, TAG ^ BIT(bit)));
	/* These have the same magic; only the MAC tells. */
	for (bit = 0; bit < 16; bit++) {
		u32 tag = TAG ^ (0x10001U << bit);

		KUNIT_EXPECT_EQ(test, wsp_magic(tag), wsp_magic(TAG));
		KUNIT_EXPECT_FALSE(test, wsp_record_verify(&hdr, tag));
	}
}

static struct kunit_case record_cases[] = {
	KUNIT_CASE(record_golden),
	KUNIT_CASE(record_bytes),
	KUNIT_CASE(record_verify_built),
	KUNIT_CASE(record_verify_bit_flips),
	KUNIT_CASE(record_verify_length),
	KUNIT_CASE(record_verify_tag),
	{}
};

static struct kunit_suite record_suite = {
	.name = "wsp_record",
	.test_cases = record_cases,
};

static void tag_never_0(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, wsp_tag(0, false), 0x10000);
	KUNIT_EXPECT_EQ(test, wsp_tag(0, true), 0x10001);
	KUNIT_EXPECT_EQ(test, wsp_tag(1, false), 0x10000);
	KUNIT_EXPECT_EQ(test, wsp_tag(1, true), 0x10001);
	/* A magic of 0 would be found in any run of zeroes. */
	KUNIT_EXPECT_NE(test, wsp_magic(wsp_tag(0, false)), 0);
}

static void tag_bit_0_is_urg(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, wsp_tag(0xffffffff, false), 0xfffffffe);
	KUNIT_EXPECT_EQ(test, wsp_tag(0xffffffff, true), 0xffffffff);
	KUNIT_EXPECT_EQ(test, wsp_tag(0x2468ace0, false), 0x2468ace0);
	KUNIT_EXPECT_EQ(test, wsp_tag(0x2468ace0, true), 0x2468ace1);
}

static const siphash_key_t tag_key = {
	{ 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL }
};

#define TAG_ISNS	0x1122334455667788ULL
#define TAG_PORTS	(0xbeefU << 16 | 7001)

static void tag_server_golden(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, wsp_tag_server(TAG_ISNS, TAG_PORTS, false, &tag_key), 0x18f6faca);
	KUNIT_EXPECT_EQ(test, wsp_tag_server(TAG_ISNS, TAG_PORTS, true, &tag_key), 0x18f6facb);
}

static void tag_server_depends_on_all(struct kunit *test)
{
	u32 tag = wsp_tag_server(TAG_ISNS, TAG_PORTS, false, &tag_key);
	siphash_key_t key = tag_key;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		KUNIT_EXPECT_NE(test, tag, wsp_tag_server(TAG_ISNS ^ BIT_ULL(bit), TAG_PORTS,
							  false, &tag_key));
	for (bit = 0; bit < 32; bit++)
		KUNIT_EXPECT_NE(test, tag, wsp_tag_server(TAG_ISNS, TAG_PORTS ^ BIT(bit),
							  false, &tag_key));
	for (bit = 0; bit < 128; bit++) {
		key.key[bit / 64] ^= BIT_ULL(bit % 64);
		KUNIT_EXPECT_NE(test, tag, wsp_tag_server(TAG_ISNS, TAG_PORTS, false, &key));
		key = tag_key;
	}
	KUNIT_EXPECT_EQ(test, tag, wsp_tag_server(TAG_ISNS, TAG_PORTS, false, &key));
}

static struct kunit_case tag_cases[] = {
	KUNIT_CASE(tag_never_0),
	KUNIT_CASE(tag_bit_0_is_urg),
	KUNIT_CASE(tag_server_golden),
	KUNIT_CASE(tag_server_depends_on_all),
	{}
};

static struct kunit_suite tag_suite = {
	.name = "wsp_tag",
	.test_cases = tag_cases,
};

kunit_test_suites(&record_suite, &tag_suite);
