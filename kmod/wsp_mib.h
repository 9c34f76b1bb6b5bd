/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, per network namespace and processor: one for each way a thing can
 * end.  None is on the data path.  /proc/net/wsp_stat shows their sums.
 */
#ifndef _WSP_MIB_H
#define _WSP_MIB_H

#include <net/snmp.h>

/* In the order of /proc/net/wsp_stat; wsp_proc.c has the names. */
enum wsp_mib_field {
	WSP_MIB_OPTSYNSENT,		/* SYNs sent with the option */
	WSP_MIB_OPTSYNSEEN,		/* accepted connections whose SYN had it */
	WSP_MIB_OPTSYNACKSENT,		/* SYN-ACKs sent with the option */
	WSP_MIB_OPTSYNACKSEEN,		/* SYN-ACKs with it that were accepted */
	WSP_MIB_NEGOTIATED,		/* connections that can send data */
	WSP_MIB_FALLBACKNOOPTION,	/* those that cannot, by cause */
	WSP_MIB_FALLBACKDISABLED,
	WSP_MIB_FALLBACKSTDURG,
	WSP_MIB_FALLBACKSPACE,
	WSP_MIB_FALLBACKRETRANS,
	WSP_MIB_FALLBACKURG,
	WSP_MIB_FALLBACKNOMEM,
	WSP_MIB_DISCSENT,		/* records queued, armed ones included */
	WSP_MIB_DISCSENTARMED,		/* of these, armed beforehand */
	WSP_MIB_DISCARMEDDROPPED,	/* armed data that could not be sent */
	WSP_MIB_DISCSENDNOMEM,		/* no memory to send it */
	WSP_MIB_DISCRETRANSNOURG,	/* records retransmitted without URG */
	WSP_MIB_DISCRECEIVED,		/* records received whole */
	WSP_MIB_DISCRECEIVEDTAIL,	/* of these, found by their footer */
	WSP_MIB_DISCTRUNCATED,		/* cut short by the FIN */
	WSP_MIB_DISCRECVNOMEM,		/* lost for want of memory */
	WSP_MIB_DISCBADMAC,		/* headers with our magic, wrong MAC */
	WSP_MIB_HOLDEXPIRED,		/* incomplete headers given up on */
	WSP_MIB_LINGERSTARTED,		/* asynchronous closes begun */
	WSP_MIB_LINGERDRAINED,		/* lingering closes, by their end */
	WSP_MIB_LINGEREXPIRED,
	WSP_MIB_LINGERRESET,
	WSP_MIB_LINGERCANCELLED,
	WSP_MIB_LINGERNOMEM,		/* no memory to begin one */
	WSP_MIB_CLONENOMEM,		/* accepted sockets without the ULP */
	__WSP_MIB_MAX
};

struct wsp_mib {
	unsigned long mibs[__WSP_MIB_MAX];
};

/* Context: any. */
#define WSP_INC_STATS(net, field) \
	SNMP_INC_STATS(wsp_pernet(net)->stats, field)

/* The same in fewer steps, for what every connection counts. */
#define WSP_INC_SK_STATS(ws, field) SNMP_INC_STATS((ws)->net->stats, field)

#endif /* _WSP_MIB_H */
