#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A peer that does everything with a record but send it as wire.rst says."""
import errno
import os
import select
import struct

import wire_lab as lab
from wire_lab import same
from wire_peer import (ACK, DISC_MAX, FIN, HEADER, PSH, RST, magic_of, option,
                       record)

STREAM = b'The quick brown fox jumps over the lazy dog. '


def is_stream(env, make, marked=True):
    """Connection whose last bytes, made from the module's tag, are stream."""
    conn, app = env.server()
    tail = make(conn)
    conn.finish(STREAM + tail, len(STREAM) if marked else None)
    app.wait(select.POLLRDHUP)
    # In plain TCP the marked byte is read apart.
    same(app.urgent(), tail[:1] if marked else None, 'urgent byte')
    same(app.read(), STREAM + tail[1 if marked else 0:], 'stream')
    same(app.error, 0, 'error')
    same(app.disc(), b'', 'disconnect data')
    same(app.end(b'still works'), 0, 'WSP_DISC_SEND')
    same(conn.read()[1], b'still works', 'disconnect data of the module')


def is_record(env, send, data, stream=STREAM):
    conn, app = env.server()
    send(conn)
    same(app.read(), stream, 'stream')
    same(app.error, 0, 'error')
    same(app.disc(), data, 'disconnect data')
    return conn, app


# --- not a record ---------------------------------------------------------

def forged_mac(env):
    """MAC of zeros, of ones, or off by one bit: stream"""
    def flip(conn):
        rec = bytearray(record(conn.peer_tag, b'forged'))
        rec[HEADER - 1] ^= 1
        return bytes(rec)

    for marked in (True, False):
        for make in (lambda c: record(c.peer_tag, b'forged', mac=0),
                     lambda c: record(c.peer_tag, b'forged', mac=(1 << 64) - 1),
                     flip):
            is_stream(env, make, marked)


def wrong_tag(env):
    """keyed by the sender's own tag, or by the right one but bit 0: stream"""
    for marked in (True, False):
        is_stream(env, lambda c: record(c.tag, b'wrong'), marked)
        is_stream(env, lambda c: record(c.peer_tag ^ 1, b'wrong'), marked)
        is_stream(env, lambda c: record(0, b'wrong'), marked)
        # The right magic, the MAC of another tag.
        is_stream(env, lambda c: record(c.tag, b'wrong',
                                        magic=magic_of(c.peer_tag)), marked)


def mac_covers_header(env):
    """length or OOB word changed behind the MAC's back: stream"""
    def change(at):
        def make(conn):
            rec = bytearray(record(conn.peer_tag, b'change'))
            rec[at] ^= 1
            return bytes(rec)
        return make

    for at in (2, 3, 4, 7):
        is_stream(env, change(at))


def oversized(env):
    """a length of 4097 or 65535 with its MAC: stream"""
    for length in (DISC_MAX + 1, 0xffff):
        for marked in (True, False):
            is_stream(env, lambda c: record(c.peer_tag, b'big', length=length),
                      marked)
    is_stream(env, lambda c: record(c.peer_tag, b'x' * (DISC_MAX + 1)), False)


def header_cut(env):
    """the FIN behind 1 to 15 bytes of a header: stream"""
    for size in range(1, HEADER):
        is_stream(env, lambda c: record(c.peer_tag, b'cut')[:size])


def bad_footer(env):
    """no mark, and a footer that is not the header's: stream"""
    for footer in (b'', b'\0\0\0\3', b'\xff\xff\xff\xff'):
        is_stream(env, lambda c: record(c.peer_tag, b'foo', footer=footer), False)
    is_stream(env, lambda c: record(c.peer_tag, b'foo', footer=struct.pack(
        '!HH', magic_of(c.peer_tag), 2)), False)
    is_stream(env, lambda c: record(c.peer_tag, b'foo', footer=struct.pack(
        '!HH', magic_of(c.peer_tag) ^ 1, 3)), False)


def not_at_the_end(env):
    """no mark, and a byte behind the record: stream"""
    is_stream(env, lambda c: record(c.peer_tag, b'inside') + b'.', False)
    # A record for somebody else behind a good one.
    is_stream(env, lambda c: record(c.peer_tag, b'one') + record(c.tag, b'two'),
              False)


def mark_elsewhere(env):
    """a mark beside the record: the tail check finds it; no byte of it is urgent"""
    for at in (-1, 1, 5, 17, 23, 24, 1000):
        conn, app = env.server()
        rec = record(conn.peer_tag, b'tail')
        conn.finish(STREAM + rec, len(STREAM) + at)
        app.wait(select.POLLRDHUP)
        # A marked byte before the record is read apart, as ever.
        same(app.urgent(), STREAM[-1:] if at < 0 else None, 'urgent byte')
        same(app.read(), STREAM[:-1] if at < 0 else STREAM, 'stream')
        same(app.disc(), b'tail', 'disconnect data')


# --- a record, but ---------------------------------------------------------

def truncated(env):
    """the FIN inside the data or the footer: the stream ends at the mark"""
    rec = len(record(1, b'truncated'))
    for size in range(HEADER, rec):
        is_record(env, lambda c: c.send(
            ACK | FIN, STREAM + record(c.peer_tag, b'truncated')[:size],
            urg=len(STREAM)), b'')


def reset_inside(env):
    """a reset inside the record: an error, and no disconnect data"""
    conn, app = env.server()
    conn.send(ACK, record(conn.peer_tag, b'never whole')[:20], urg=0)
    conn.send(RST | ACK)
    same(app.read(), b'', 'stream')
    same(app.error, errno.ECONNRESET, 'error')
    same(app.disc(), -errno.ENOTCONN, 'disconnect data')


def no_fin(env):
    """without a FIN the stream ends all the same, and once"""
    conn, app = is_record(env, lambda c: c.send(
        ACK, STREAM + record(c.peer_tag, b'open'), urg=len(STREAM)), b'open')
    same(app.read(), b'', 'later stream')
    same(app.end(b'me too'), 0, 'WSP_DISC_SEND')
    same(conn.read(), (b'', b'me too', 0), 'what came')


def data_behind(env):
    """what comes behind the record is nobody's, in its segment or later"""
    def at_once(conn):
        conn.send(ACK | FIN, STREAM + record(conn.peer_tag, b'end') + b'more',
                  urg=len(STREAM))

    def later(conn):
        conn.send(ACK, STREAM + record(conn.peer_tag, b'end'), urg=len(STREAM))
        for _ in range(50):
            conn.send(ACK, b'more' * 300)
        conn.send(ACK | FIN, record(conn.peer_tag, b'unmarked'))

    for send in (at_once, later):
        conn, app = is_record(env, send, b'end')
        same(app.urgent(), None, 'urgent byte')
        same(app.end(b'bye'), 0, 'WSP_DISC_SEND')
        same(conn.read()[1], b'bye', 'disconnect data of the module')
        same(app.read(), b'', 'later stream')
        same(app.disc(), b'end', 'disconnect data')


def second_record(env):
    """one more, marked: behind a record taken in nothing, else it counts"""
    conn, app = is_record(env, lambda c: c.send(
        ACK, record(c.peer_tag, b'first'), urg=0), b'first', b'')
    conn.disconnect(b'second')
    same(app.read(), b'', 'later stream')
    same(app.urgent(), None, 'urgent byte')
    same(app.disc(), b'first', 'disconnect data')

    conn, app = env.server()
    first = record(conn.peer_tag, b'first')
    conn.send(ACK, STREAM + first, urg=len(STREAM))
    conn.disconnect(b'second')
    app.wait(select.POLLRDHUP)
    # A superseded byte is one of the stream's again, as in plain TCP.
    same(app.read(), STREAM + first, 'stream')
    same(app.disc(), b'second', 'disconnect data')


def marked_footer(env):
    """with the mark the header says it all: any footer will do"""
    for footer in (b'\0\0\0\0', b'\xff\xff\xff\xff'):
        is_record(env, lambda c: c.send(
            ACK | FIN, STREAM + record(c.peer_tag, b'foot', footer=footer),
            urg=len(STREAM)), b'foot')


def split_everywhere(env):
    """split at every byte, read in between: never a byte of it"""
    rec = len(record(1, b'data'))
    for at in range(1, rec):
        for read in (False, True):
            conn, app = env.server()
            data = STREAM + record(conn.peer_tag, b'data')
            cut = len(STREAM) + at
            conn.send(ACK | PSH, data[:cut], urg=len(STREAM))
            app.wait(select.POLLIN)
            if read:
                same(app.now(), STREAM, 'stream before it')
                same(app.now(), None, 'stream at it')
            conn.send(ACK | PSH | FIN, data[cut:])
            same(app.read(), b'' if read else STREAM, 'stream, cut %d' % at)
            same(app.disc(), b'data', 'disconnect data, cut %d' % at)


def duplicated(env):
    """every segment twice, and overlapping ones that disagree"""
    def twice(conn):
        data = STREAM + record(conn.peer_tag, b'again')
        for _ in range(2):
            conn.send(ACK, data, urg=len(STREAM), at=conn.seq)
        conn.send(ACK | FIN, data, urg=len(STREAM), at=conn.seq)
        conn.send(ACK | FIN, data, urg=len(STREAM), at=conn.seq)

    def overlap(conn):
        data = STREAM + record(conn.peer_tag, b'again')
        seq = conn.seq
        for off in range(0, len(data), 5):
            part = data[max(off - 7, 0):off + 5]
            back = min(off, 7)
            # What was there first counts: none of these bytes is new.
            part = bytes(b ^ 0x55 for b in part[:back]) + part[back:]
            conn.send(ACK, part, at=seq + off - back,
                      urg=len(STREAM) - off + back if off <= len(STREAM) else None)
        conn.send(ACK | FIN, b'', at=seq + len(data))

    def backwards(conn):
        data = STREAM + record(conn.peer_tag, b'again')
        seq = conn.seq
        conn.send(ACK | FIN, b'', at=seq + len(data))
        for off in reversed(range(0, len(data), 9)):
            conn.send(ACK, data[off:off + 9], at=seq + off,
                      urg=len(STREAM) - off if off <= len(STREAM) else None)

    for send in (twice, overlap, backwards):
        is_record(env, send, b'again')


def marks_before(env):
    """false records before it cost their marked byte, no more"""
    conn, app = env.server()
    false = record(conn.tag, b'false')
    want = b''
    for _ in range(3):
        conn.send(ACK | PSH, STREAM + false, urg=len(STREAM))
        want += STREAM + false[1:]
        got = b''
        while len(got) < len(STREAM + false) - 1:
            app.wait(select.POLLIN)
            got += app.now()
        same(got, STREAM + false[1:], 'stream')
    conn.disconnect(b'true')
    same(app.read(), b'', 'stream')
    same(app.disc(), b'true', 'disconnect data')


# --- options ---------------------------------------------------------------

def plain(env, options, what):
    conn = env.conn()
    seg = conn.connect(options, urg=False)
    same(seg.tag, 0, 'tag after ' + what)
    conn.send()
    app = env.accept()
    same(app.fallback(), lab.FALLBACK_NO_OPTION, 'fallback after ' + what)
    # Nothing is looked for, whatever the key.
    rec = record(0, b'x')
    conn.send(ACK | FIN, STREAM + rec)
    same(app.read(), STREAM + rec, 'stream')
    same(app.end(b'x'), -errno.ENOPROTOOPT, 'sent')


def option_lengths(env):
    """lengths 0, 1, 7, 9 and 40, other kinds, other experiments: plain"""
    tag = os.urandom(4)
    for length, size in ((0, 8), (1, 8), (2, 2), (4, 4), (7, 7), (9, 9), (40, 40)):
        body = bytes([254, length]) + (b'\x57\x53' + tag + bytes(40))[:size - 2]
        plain(env, body, 'length %d' % length)
    plain(env, b'\xfe\x08\x57\x54' + tag, 'another experiment')
    plain(env, b'\xfd\x08\x57\x53' + tag, 'kind 253')
    plain(env, option(0), 'tag 0')


def option_unreachable(env):
    """behind the end of the list, or behind a length of 0 or 1: plain"""
    plain(env, b'\0\0\0\0' + option(7), 'the end of the list')
    plain(env, b'\x63\0\1\1' + option(7), 'length 0')
    plain(env, b'\x63\1\1\1' + option(7), 'length 1')
    plain(env, b'\1' * 28 + b'\x63\x0d' + option(7), 'a length beyond')


def option_floods(env):
    """many options: the first well-formed one of ours counts"""
    floods = (
        lambda t: option(t) + option(5) + option(6) + option(0),
        lambda t: option(t) * 4,
        lambda t: b'\1' * 31 + option(t),
        lambda t: b'\xfe\x08\x57\x54abcd' + option(t) + option(9),
        lambda t: b'\xfe\x09\x57\x53abcde\xfe\x02' + option(t),
        lambda t: b'\xfe\x02' * 14 + option(t),
        lambda t: b'\1' * 24 + option(t) + b'\xfe\x28',
    )
    for i, flood in enumerate(floods):
        conn = env.conn()
        conn.connect(flood(conn.tag).ljust(40, b'\1'))
        conn.send()
        app = env.accept()
        same(app.end(b'which'), 0, 'flood %d' % i)
        same(conn.read()[1], b'which', 'disconnect data, flood %d' % i)
    plain(env, option(0) + option(5), 'tag 0 first')


def option_floods_synack(env):
    """the same on a SYN-ACK"""
    for flood in (lambda t: option(t) + option(5) + option(6) + option(0),
                  lambda t: b'\xfe\x08\x57\x54abcd' + option(t)):
        conn, app = env.client(lambda c: flood(c.tag))
        same(app.end(b'which'), 0, 'WSP_DISC_SEND')
        same(conn.read()[1], b'which', 'disconnect data')
    for bad in (b'\xfe\x00\x57\x53abcd', b'\xfe\x07\x57\x53abc',
                b'\xfe\x28' + b'\x57\x53' * 19, option(0)):
        conn, app = env.client(lambda c: bad)
        same(app.end(b'x'), -errno.ENOPROTOOPT, 'sent')
        same(app.fallback(), lab.FALLBACK_NO_OPTION, 'fallback')


def option_later(env):
    """on any other segment it means nothing"""
    conn, app = env.server(options=b'', urg=False)
    conn.send(ACK | PSH, STREAM, options=option(conn.tag))
    conn.send(options=option(conn.tag), urg=0)
    app.wait(select.POLLIN)
    same(app.end(b'x'), -errno.ENOPROTOOPT, 'sent')
    same(app.fallback(), lab.FALLBACK_NO_OPTION, 'fallback')
    # Nor does it change a tag that was agreed.
    conn, app = env.server()
    conn.send(ACK | PSH, STREAM, options=option(conn.tag ^ 0x1000))
    app.wait(select.POLLIN)
    same(app.end(b'first tag'), 0, 'WSP_DISC_SEND')
    same(conn.read()[1], b'first tag', 'disconnect data')


if __name__ == '__main__':
    lab.main([forged_mac, wrong_tag, mac_covers_header, oversized, header_cut,
              bad_footer, not_at_the_end, mark_elsewhere, truncated,
              reset_inside, no_fin, data_behind, second_record,
              marked_footer, split_everywhere, duplicated,
              marks_before, option_lengths, option_unreachable, option_floods,
              option_floods_synack, option_later])
