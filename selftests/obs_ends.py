#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Ends of connections from namespace mb_c to mb_s, which obs_bpftrace.sh counts."""
import fcntl
import select
import socket
import struct

from obs_traffic import drain, end, make, room_args

HOST = '10.79.2.2'
DISC_ARM = 0x402089e4
LINGER_START = 0x401089e5


def pair(port, server_attached=True):
    listener = make('mb_s', HOST, server_attached)
    listener.bind((HOST, port))
    listener.listen()
    client = make('mb_c', HOST, True)
    client.connect((HOST, port))
    server = listener.accept()[0]
    server.settimeout(60)
    listener.close()
    return client, server


def arm(sock, reason):
    _room, args = room_args(reason)
    fcntl.ioctl(sock, DISC_ARM, args)


def linger(sock, milliseconds):
    fcntl.ioctl(sock, LINGER_START, struct.pack('=IIQ', milliseconds, 0, 0))


def wait_hup(sock):
    poll = select.poll()
    poll.register(sock, 0)
    assert poll.poll(60000), 'lingering does not end'


def closed(client, server):
    """Both ended: the server has to see the end, the client's state be over."""
    drain(server)
    server.close()
    drain(client)
    client.close()


def by_call():
    client, server = pair(7201)
    end(client, b'reason')
    closed(client, server)


def armed():
    client, server = pair(7202)
    arm(client, b'last words')
    client.close()
    drain(server)
    server.close()


def plain():
    """Data was armed for a peer that cannot have it; nobody of ours is at the server."""
    client, server = pair(7203, server_attached=False)
    arm(client, b'for nobody')
    client.shutdown(socket.SHUT_WR)
    closed(client, server)


def aborted():
    client, server = pair(7204)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('=ii', 1, 0))
    client.close()
    try:
        drain(server)
        raise AssertionError('no reset came')
    except ConnectionResetError:
        server.close()


def drained_and_expired():
    client, server = pair(7205)
    linger(client, 60000)
    drain(server)
    server.close()
    wait_hup(client)
    client.close()

    client, server = pair(7206)
    client.setblocking(False)
    try:
        while True:
            client.send(bytes(65536))
    except BlockingIOError:
        pass
    linger(client, 300)
    wait_hup(client)
    client.close()
    server.close()


by_call()
armed()
plain()
aborted()
drained_and_expired()
