// SPDX-License-Identifier: GPL-2.0
/*
 * qemu plugin for `profile`: counts instructions by the address of the block
 * they are executed in, between marks that the guest's program sets.
 *
 * Argument: out=FILE, which gets lines "section address instructions".
 * Sections are numbered as they come, from 0.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "qemu_plugin.h"

int qemu_plugin_version = 1;

#define BLOCKS		0x100000U
#define SECTIONS	32

struct block {
	uint64_t addr;
	uint64_t count;
	uint64_t base;
	uint32_t sum[SECTIONS];
};

static struct block *blocks;
static FILE *out;
static unsigned int section;

static struct block *block_get(uint64_t addr)
{
	size_t i = ((addr * 0x9e3779b97f4a7c15u) >> 32) % BLOCKS;

	while (blocks[i].addr && blocks[i].addr != addr)
		i = (i + 1) % BLOCKS;
	blocks[i].addr = addr;
	return &blocks[i];
}

static void begin(unsigned int cpu, void *data)
{
	size_t i;

	(void)cpu;
	(void)data;
	for (i = 0; i < BLOCKS; i++)
		blocks[i].base = blocks[i].count;
}

static void end(unsigned int cpu, void *data)
{
	size_t i;

	(void)cpu;
	(void)data;
	for (i = 0; i < BLOCKS && section < SECTIONS; i++)
		blocks[i].sum[section] = blocks[i].count - blocks[i].base;
	section++;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	struct block *b = NULL;
	exec_cb_t cb;
	uint32_t imm;

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const unsigned char *code = qemu_plugin_insn_data(insn);

		if (!b)
			b = block_get(qemu_plugin_insn_vaddr(insn));
		qemu_plugin_register_vcpu_insn_exec_inline(insn,
							   QEMU_INLINE_ADD_U64,
							   &b->count, 1);
		if (qemu_plugin_insn_size(insn) != 8 ||
		    memcmp(code, MARK_CODE, 4))
			continue;
		memcpy(&imm, code + 4, sizeof(imm));
		cb = imm == MARK_BEGIN ? begin : imm == MARK_END ? end : NULL;
		if (cb)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, cb,
							       QEMU_CB_NO_REGS,
							       NULL);
	}
}

static void finish(qemu_plugin_id_t id, void *data)
{
	size_t i;
	int m;

	(void)id;
	(void)data;
	for (i = 0; i < BLOCKS; i++)
		for (m = 0; m < SECTIONS; m++)
			if (blocks[i].sum[m])
				fprintf(out, "%d %016" PRIx64 " %" PRIu32 "\n",
					m, blocks[i].addr, blocks[i].sum[m]);
	fclose(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
			int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	out = fopen(argv[0] + 4, "w");
	blocks = calloc(BLOCKS, sizeof(*blocks));
	if (!out || !blocks)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
