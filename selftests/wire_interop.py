#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The module against a second implementation that follows wire.rst."""
import errno
import os
import select
import socket

import wire_lab as lab
from wire_lab import same
from wire_peer import (ACK, EXID, FIN, KIND, PSH, RST, SYN, URG, find_tag, option,
                       record, siphash, split)

STREAM = bytes(range(7, 207)) * 5


def vectors(_):
    """the second implementation gives the published values"""
    key = [int.from_bytes(bytes(range(n, n + 8)), 'little') for n in (0, 8)]
    same(siphash(*key, bytes(range(15))), 0xa129ca6149be45e5, 'SipHash paper')
    same(siphash(*key, bytes(range(8))), 0x93f5f5799a932462, '8 bytes')
    # The example of wire.rst.
    same(record(0x1234abcd, b'hello'), bytes.fromhex(
        'b9f90005 00000000 f7557ad5b41d0a88 68656c6c6f b9f90005'), 'example')
    same(split(STREAM + record(77, b'x'), None, 77), (STREAM, b'x', 0), 'tail')


# --- negotiation ----------------------------------------------------------

def syn(env):
    """SYN: the option, URG with pointer 0, bit 0 of a tag never the same"""
    tags = set()
    for _ in range(3):
        _, _, seg = env.begin()
        same(seg.flags & ~PSH, SYN | URG, 'flags')
        same(seg.urg, 0, 'urgent pointer')
        same(seg.options.count(bytes([KIND, 8]) + EXID.to_bytes(2, 'big')), 1,
             'options of ours')
        assert seg.tag & 1, 'bit 0 is not set'
        tags.add(seg.tag)
    same(len(tags), 3, 'different tags')


def syn_without_probe(env):
    """SYN with urg_probe 0: neither URG nor bit 0; both may send"""
    lab.sysctl('net.wsp.urg_probe', 0)
    conn, app, seg = env.begin()
    lab.sysctl('net.wsp.urg_probe', 1)
    same(seg.flags, SYN, 'flags')
    assert seg.tag and not seg.tag & 1, 'tag %x' % seg.tag
    conn.tag &= ~1
    conn.send(SYN | ACK, options=option(conn.tag))
    app.wait(select.POLLOUT)
    same(app.end(b'bye'), 0, 'WSP_DISC_SEND')
    same(conn.read()[1], b'bye', 'disconnect data')


def synack(env):
    """SYN-ACK: bit 0 of the tag says that URG came; never URG itself"""
    for sent, urg, bit, can_send in ((1, True, 1, True), (1, False, 0, False),
                                     (0, False, 0, True)):
        conn = env.conn()
        conn.tag = conn.tag & ~1 | sent
        seg = conn.connect(urg=urg)
        assert seg.tag, 'no option'
        same(seg.flags & URG, 0, 'URG')
        same(seg.tag & 1, bit, 'bit 0 after %d, %s' % (sent, urg))
        conn.send()
        app = env.accept()
        same(app.can_send(), can_send, 'may send')
        same(app.fallback(), lab.FALLBACK_NONE if can_send else
             lab.FALLBACK_URG, 'fallback')
        # Looks for a record in any case: it sent its option.
        conn.disconnect(b'now')
        same(app.read(), b'', 'stream')
        same(app.disc(), b'now', 'disconnect data')
        same(app.end(b'then'), 0 if can_send else -errno.ENOPROTOOPT, 'sent')


def synack_bit(env):
    """SYN-ACK without bit 0: the client does not send, but looks"""
    conn, app = env.client(lambda c: option(c.tag & ~1))
    same(app.end(b'x'), -errno.ENOPROTOOPT, 'sent')
    same(app.fallback(), lab.FALLBACK_URG, 'fallback')
    conn.send(ACK, STREAM)
    conn.disconnect(b'one way')
    same(app.read(), STREAM, 'stream')
    same(app.disc(), b'one way', 'disconnect data')


def synack_stripped(env):
    """SYN-ACK without the option: the client does not send, but looks"""
    conn, app = env.client(lambda c: b'')
    same(app.end(b'x'), -errno.ENOPROTOOPT, 'sent')
    same(app.fallback(), lab.FALLBACK_NO_OPTION, 'fallback')
    conn.disconnect(b'one way')
    same(app.read(), b'', 'stream')


def syn_stripped(env):
    """SYN without the option: none on the SYN-ACK, and a record is stream"""
    conn = env.conn()
    seg = conn.connect(options=b'', urg=False)
    same(find_tag(seg.options), 0, 'tag')
    conn.send()
    app = env.accept()
    same(app.end(b'x'), -errno.ENOPROTOOPT, 'sent')
    rec = record(0, b'x')
    conn.send(ACK | FIN, STREAM + rec, urg=len(STREAM))
    app.wait(select.POLLRDHUP)
    same(app.urgent(), rec[:1], 'urgent byte')
    same(app.read(), STREAM + rec[1:], 'stream')


def synack_again(env):
    """SYN-ACK: the second repeats the tag, the third has none"""
    conn = env.conn()
    tags = [conn.connect().tag]
    while len(tags) < 3:
        seg = conn.recv()
        assert seg and seg.has(SYN), 'no SYN-ACK'
        tags.append(seg.tag)
    assert tags[0], 'no tag'
    same(tags[1:], [tags[0], 0], 'later tags')


def syn_again(env):
    """SYN: the second repeats the tag, the third has none"""
    conn, app, seg = env.begin()
    tags = [seg.tag]
    while len(tags) < 3:
        seg = conn.recv()
        assert seg and seg.has(SYN), 'no SYN'
        same(seg.has(URG), len(tags) < 2, 'URG')
        tags.append(seg.tag)
    same(tags[1:], [tags[0], 0], 'later tags')
    conn.send(SYN | ACK, options=option(conn.tag))
    app.wait(select.POLLOUT)
    same(app.end(b''), 0, 'close')
    same(conn.read()[0], b'', 'stream')


# --- records --------------------------------------------------------------

def to_module(env):
    """records to the module, 0 to 4096 bytes, either role"""
    for size in (0, 1, 2, 100, 1024, 1025, 4096):
        data = os.urandom(size)
        for conn, app in (env.server(), env.client(lambda c: option(c.tag))):
            conn.send(ACK | PSH, STREAM)
            conn.disconnect(data)
            same(app.read(), STREAM, 'stream')
            same(app.error, 0, 'error')
            same(app.disc(), data, 'disconnect data')


def from_module(env):
    """records from the module, 1 to 4096 bytes, either role"""
    for size in (1, 2, 100, 1024, 1025, 4096):
        data = os.urandom(size)
        for conn, app in (env.server(), env.client(lambda c: option(c.tag))):
            app.sock.send(STREAM)
            same(app.end(data), 0, 'WSP_DISC_SEND')
            same(conn.read(), (STREAM, data, 0), 'what came')
            same(conn.mark, len(STREAM), 'urgent mark')
            marked = [s for s in conn.segments if s.has(URG)]
            same([s.urg for s in marked], [1] * len(marked), 'pointers')
            if size <= 1024:
                same([s.has(FIN) for s in marked], [True], 'FIN in it')


def no_data(env):
    """without data there is a FIN and no URG"""
    conn, app = env.server()
    same(app.end(b''), 0, 'WSP_DISC_SEND')
    same(conn.read(), (b'', None, 0), 'what came')
    assert not any(s.has(URG) for s in conn.segments), 'URG'


def both_ways(env):
    """a whole exchange, the module's server closing at once"""
    conn, app = env.server()
    conn.send(ACK | PSH, STREAM)
    conn.disconnect(b'total')
    same(app.read(), STREAM, 'stream')
    same(app.disc(), b'total', 'disconnect data')
    app.sock.setblocking(True)
    app.sock.send(b'answer')
    same(app.end(b'grand total'), 0, 'WSP_DISC_SEND')
    app.sock.close()
    same(conn.read(), (b'answer', b'grand total', 0), 'what came')
    assert not conn.reset, 'reset'


def urgent_from_module(env):
    """the OOB word repeats the application's urgent byte"""
    conn, app = env.server()
    app.sock.send(b'abcX', socket.MSG_OOB)
    app.sock.send(b'de')
    same(app.end(b'bye'), 0, 'WSP_DISC_SEND')
    same(conn.read(), (b'abcXde', b'bye', ord('X') << 24 | 3), 'what came')


def urgent_to_module(env):
    """the OOB word brings back the urgent byte that the mark superseded"""
    conn, app = env.server()
    conn.send(ACK | PSH, b'abcXde', urg=3)
    conn.disconnect(b'bye', ord('X') << 24 | 3)
    app.wait(select.POLLIN)
    same(app.urgent(), b'X', 'urgent byte')
    same(app.read(), b'abcde', 'stream')
    same(app.disc(), b'bye', 'disconnect data')


def unmarked_in_the_end(env):
    """not acknowledged: again with URG, then without, the bytes the same"""
    conn, app = env.server()
    same(app.end(b'patience'), 0, 'WSP_DISC_SEND')
    marked = 0
    while True:
        seg = conn.recv()
        assert seg, 'no retransmission'
        same((seg.data, seg.has(FIN)),
             (record(conn.tag, b'patience'), True), 'segment')
        if not seg.has(URG):
            break
        marked += 1
    # The first, perhaps a loss probe, and two timeouts.
    assert marked in (3, 4), '%d with URG' % marked
    conn.take(seg)
    same(conn.read(), (b'', b'patience', 0), 'what came')


def acknowledged_in_part(env):
    """acknowledged up to inside the header: the rest, without URG"""
    conn, app = env.server()
    same(app.end(b'in two parts'), 0, 'WSP_DISC_SEND')
    rec = record(conn.tag, b'in two parts')
    same(conn.recv().data, rec, 'record')
    conn.ack += 10
    conn.send()
    seg = conn.recv()
    # The loss probe may have left before.
    while seg and seg.seq != conn.ack:
        seg = conn.recv()
    assert seg, 'no retransmission'
    same((seg.data, seg.has(FIN), seg.has(URG)), (rec[10:], True, False), 'rest')


def always_marked(env, conn, size, tries):
    """Leaves a record unacknowledged; then it has to come as it should."""
    for _ in range(tries):
        seg = conn.recv()
        assert seg, 'no retransmission'
        if seg.seq == conn.base and seg.data:
            same((seg.has(URG), seg.urg, len(seg.data) < size),
                 (True, 1, True), 'header marked, in a segment of many')
    conn.take(seg)


def outage(env):
    """a record of many segments never leaves without its mark"""
    conn, app = env.server()
    data = os.urandom(4096)
    same(app.end(data), 0, 'WSP_DISC_SEND')
    always_marked(env, conn, len(data), 8)
    same(conn.read(), (b'', data, 0), 'what came')


def path_shrinks(env):
    """nor when the path's MTU shrinks under a record of one segment"""
    # Now the card may cut, and would have something to cut.
    lab.run('ip', 'link', 'set', 'veth0', 'gso_max_segs', '65535')
    try:
        conn, app = env.server()
        data = os.urandom(1300)
        same(app.end(data), 0, 'WSP_DISC_SEND')
        env.wire.too_big(conn.addrs, conn.recv(),
                         576 if env.family == socket.AF_INET else 1280)
        always_marked(env, conn, len(data), 6)
        same(conn.read(), (b'', data, 0), 'what came')
    finally:
        lab.run('ip', 'link', 'set', 'veth0', 'gso_max_segs', '1')


def reset_afterwards(env):
    """a reset behind the record takes nothing away"""
    conn, app = env.server()
    conn.send(ACK | PSH, STREAM)
    conn.disconnect(b'kept')
    app.wait(select.POLLIN)
    same(app.now(len(STREAM)), STREAM, 'stream')
    conn.send(RST | ACK)
    app.wait(select.POLLERR)
    same(app.disc(), b'kept', 'disconnect data')


if __name__ == '__main__':
    lab.main([vectors, syn, syn_without_probe, synack, synack_bit,
              synack_stripped, syn_stripped, synack_again, syn_again, to_module,
              from_module, no_data, both_ways, urgent_from_module,
              urgent_to_module, unmarked_in_the_end, acknowledged_in_part,
              outage, path_shrinks, reset_afterwards])
