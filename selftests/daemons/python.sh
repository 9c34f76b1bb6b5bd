# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Servers in Python: lines are sent back, until "bye".
# shellcheck disable=SC2034,SC2154 # lib.sh's variables

python_works() {
	local -a lines

	exec 5<> "/dev/tcp/$server_ip/$port"
	printf 'hello\nworld\nbye\n' >&5
	mapfile -t -u 5 lines
	exec 5>&-
	same "${lines[*]}" 'hello world bye'
	ask=$'hello\nbye\n' peers bye
	ended bye 'python3 closed'
}

python_server() {
	cat > "$tmp/echo.py"
	ask=$'hello\n'
	answer=hello
	program=python3
	works=python_works
	python=(/usr/bin/python3 -E -S "$tmp/echo.py" "$port")
}

python_socketserver='import ctypes, os, signal, socketserver, sys
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)
            if line == b"bye\n":
                break
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
'

t_python_socketserver() {
	local mode program works ask answer
	local -a python

	python_server <<-END
		${python_socketserver}class Server(socketserver.ThreadingTCPServer):
		    allow_reuse_address = True
		    daemon_threads = True
		Server(("0.0.0.0", int(sys.argv[1])), Echo).serve_forever()
	END
	for mode in $dm_modes; do
		process 'python3 exit status 3' "${python[@]}"
	done
}

python_children() { children "$server"; }

# A process for each connection.
t_python_forking() {
	local mode program works ask answer
	local -a python

	python_server <<-END
		${python_socketserver}class Server(socketserver.ForkingTCPServer):
		    allow_reuse_address = True
		Server(("0.0.0.0", int(sys.argv[1])), Echo).serve_forever()
	END
	for mode in $dm_modes; do
		up "${python[@]}"
		python_works
		signals python_children 'python3 closed' :
		kill "$server"
		gone "$server"
	done
}

t_python_asyncio() {
	local mode program works ask answer
	local -a python

	python_server <<-END
		import asyncio, signal, sys
		writers = set()
		async def echo(reader, writer):
		    writers.add(writer)
		    async for line in reader:
		        writer.write(line)
		        await writer.drain()
		        if line == b"bye\n":
		            break
		    writer.close()
		async def main():
		    stop = asyncio.Event()
		    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
		    server = await asyncio.start_server(echo, "0.0.0.0", int(sys.argv[1]))
		    await stop.wait()
		    server.close()
		    for writer in writers:
		        writer.close()
		    await asyncio.sleep(0)
		asyncio.run(main())
	END
	for mode in $dm_modes; do
		process 'python3 closed' "${python[@]}"
	done
}
