#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Connections from namespace mb_c to mb_s for obs_traffic.sh, one after the other."""
import ctypes
import errno
import fcntl
import socket
import struct

TCP_ULP = 31
DISC_SEND = 0x402089e0
V4, V6 = '10.79.2.2', 'fd79:2::2'
LONG = b'a record that takes more than one segment; ' * 80


def enter(ns):
    with open('/run/netns/' + ns, 'rb') as f:
        if ctypes.CDLL(None, use_errno=True).setns(f.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), ns)


def make(ns, host, attached):
    enter(ns)
    sock = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
    sock.settimeout(60)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if attached:
        sock.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b'wsp')
    return sock


def room_args(reason):
    """The bytes, to be kept while the struct wsp_disc_args is used, and that."""
    room = ctypes.create_string_buffer(reason, len(reason))
    return room, struct.pack('=QIIQQ', ctypes.addressof(room), len(reason), 0, 0, 0)


def end(sock, reason):
    """With a reason, or without where the connection cannot carry it."""
    _room, args = room_args(reason)
    try:
        fcntl.ioctl(sock, DISC_SEND, args)
    except OSError as e:
        assert e.errno in (errno.ENOPROTOOPT, errno.ENOTTY), e
        sock.shutdown(socket.SHUT_WR)


def drain(sock):
    while sock.recv(4096):
        pass


def talk(port, host=V4, reason=b'client: done', server_attached=True, urgent=b''):
    listener = make('mb_s', host, server_attached)
    listener.bind((host, port))
    listener.listen()
    client = make('mb_c', host, True)
    client.connect((host, port))
    server = listener.accept()[0]
    server.settimeout(60)
    listener.close()
    client.sendall(b'hello\n')
    if urgent:
        client.send(urgent, socket.MSG_OOB)
    end(client, reason)
    drain(server)
    end(server, b'server: bye')
    server.close()
    drain(client)
    client.close()


def main():
    talk(7101)
    talk(7102, host=V6)
    talk(7103, server_attached=False)
    talk(7104)
    talk(7105)
    talk(7106)
    talk(7107, reason=LONG)
    talk(7108, urgent=b'!')


if __name__ == '__main__':
    main()
