// SPDX-License-Identifier: GPL-2.0
/*
 * One defect of every kind, to see whether the kernel notices: a debug kernel
 * that is silent has shown something only if it can speak.
 */
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <net/net_debug.h>

static char *kind = "";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "which defect");

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex_a);
static DEFINE_MUTEX(mutex_b);
static int __rcu *pointer;

static void splat_sleep(void)
{
	spin_lock(&lock);
	kfree(kmalloc(8, GFP_KERNEL));
	spin_unlock(&lock);
}

static void splat_rcu(void)
{
	if (rcu_dereference(pointer))
		pr_info("not reached\n");
}

static void splat_lockdep(void)
{
	mutex_lock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_unlock(&mutex_b);
	mutex_unlock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_lock(&mutex_a);
	mutex_unlock(&mutex_a);
	mutex_unlock(&mutex_b);
}

static void splat_net(void)
{
	DEBUG_NET_WARN_ON_ONCE(true);
}

static void splat_ubsan(void)
{
	unsigned int bits = 32;

	OPTIMIZER_HIDE_VAR(bits);
	pr_info("1 << 32 is %u\n", 1U << bits);
}

static void splat_timer_fn(struct timer_list *t)
{
}

static void splat_objects(void)
{
	struct timer_list *t = kmalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return;
	timer_setup(t, splat_timer_fn, 0);
	mod_timer(t, jiffies + 3600 * HZ);
	kfree(t);
}

static void splat_leak(void)
{
	unsigned int i;

	/* A stale register or stack slot may still point to one of them. */
	for (i = 0; i < 16; i++) {
		void *p = kmalloc(96, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(p);
	}
}

static void splat_kasan(void)
{
	char *p = kmalloc(96, GFP_KERNEL);

	if (!p)
		return;
	kfree(p);
	WRITE_ONCE(p[8], 1);
}

static unsigned int raced;

static int splat_race_fn(void *unused)
{
	while (!kthread_should_stop()) {
		raced++;
		barrier();
		cond_resched();
	}
	return 0;
}

/* For as long as KCSAN needs to look at the right moment. */
static void splat_race(void)
{
	unsigned long end = jiffies + 5 * HZ;
	struct task_struct *t = kthread_run(splat_race_fn, NULL, "splat");

	if (IS_ERR(t))
		return;
	while (time_before(jiffies, end)) {
		raced++;
		barrier();
		cond_resched();
	}
	kthread_stop(t);
}

static const struct {
	const char *kind;
	void (*fn)(void);
} splats[] = {
	{ "sleep", splat_sleep },
	{ "rcu", splat_rcu },
	{ "lockdep", splat_lockdep },
	{ "net", splat_net },
	{ "ubsan", splat_ubsan },
	{ "objects", splat_objects },
	{ "leak", splat_leak },
	{ "kasan", splat_kasan },
	{ "race", splat_race },
};

static int __init splat_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(splats); i++) {
		if (strcmp(kind, splats[i].kind))
			continue;
		splats[i].fn();
		return 0;
	}
	return -EINVAL;
}

static void __exit splat_exit(void)
{
}

module_init(splat_init);
module_exit(splat_exit);

MODULE_AUTHOR("The wsp authors");
MODULE_DESCRIPTION("Defects on purpose, for tests");
MODULE_LICENSE("GPL");
