"""A line to a server that can be made slow, cut, or dead at one end without a word."""

import asyncio
import contextlib
import socket
import struct
import threading
from urllib.parse import urlsplit


class Proxy:
    """Stands at a port of its own before `host:port`. Faults are ordered from any thread and hold at once."""

    def __init__(self, host, port):
        self.server = host, port
        self.seconds = 0.0
        self._open, self._silent = set(), set()
        self._loop, ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)

    @classmethod
    def before(cls, url):
        """The proxy, and the address by which its server is reached through it."""
        parts = urlsplit(url)
        made = cls(parts.hostname, parts.port)
        who = parts.netloc.rpartition("@")[0]
        return made, parts._replace(netloc=f"{who}@127.0.0.1:{made.port}").geturl()

    def slow(self, seconds):
        """Every answer comes so much later; 0: as fast as it is."""
        self.seconds = seconds

    def reset(self):
        """All connections end without a good-bye. Returns how many."""
        return self._do(self._reset, self._open)

    def half_open(self):
        """What is open from now on swallows whatever is said; who connects anew is served. Returns how many."""
        return self._do(self._silence)

    def mend(self):
        """As fast as it is; what is dead at one end is cut."""
        self.seconds = 0.0
        self._do(self._reset, self._silent)

    def close(self):
        self._do(self._reset, self._open)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, act, *arguments):
        async def there():
            return act(*arguments)

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result(10)

    def _serve(self, ready):
        asyncio.set_event_loop(self._loop)
        listener = self._loop.run_until_complete(asyncio.start_server(self._join, "127.0.0.1", 0))
        self.port = listener.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        listener.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _join(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.CancelledError):
            there, away = await asyncio.open_connection(*self.server)
            line = (writer, away)
            self._open.add(line)
            asked = asyncio.ensure_future(self._carry(reader, away, line, late=False))
            told = asyncio.ensure_future(self._carry(there, writer, line, late=True))
            await asyncio.wait([asked, told], return_when=asyncio.FIRST_COMPLETED)
            for end in line:
                end.close()
            await asyncio.wait([asked, told])
            self._open.discard(line)
            self._silent.discard(line)

    async def _carry(self, reader, writer, line, *, late):
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                if late and self.seconds:
                    await asyncio.sleep(self.seconds)
                if line not in self._silent:
                    writer.write(data)
                    await writer.drain()

    def _reset(self, lines):
        lines = set(lines)
        for end in (end for line in lines for end in line):
            linger = struct.pack("ii", 1, 0)
            with contextlib.suppress(OSError, AttributeError):
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            end.transport.abort()
        return len(lines)

    def _silence(self):
        self._silent |= self._open
        return len(self._silent)
