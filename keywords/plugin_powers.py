"""Which modules and names of Python give a plugin's code which power; a module on no list is not reviewed code."""

from __future__ import annotations

from collections.abc import Mapping


def _named(words: str) -> list[str]:
    return words.split()


HARMLESS = frozenset(
    _named(
        """
__future__ abc array base64 binascii bisect calendar cmath collections collections.abc colorsys contextlib
contextvars copy csv dataclasses datetime decimal difflib email.utils enum fractions functools graphlib
hashlib heapq hmac html html.entities html.parser ipaddress itertools json keyword math numbers operator
pprint queue random re reprlib secrets statistics string stringprep struct textwrap time typing
typing_extensions unicodedata urllib.parse uuid warnings weakref xml.sax.saxutils zlib zoneinfo
"""
    )
)
"""Modules that only compute."""

PARTS: Mapping[str, tuple[frozenset[str], str]] = {
    "asyncio": (
        frozenset(
            _named(
                """
sleep gather timeout wait_for wait TimeoutError CancelledError Lock Semaphore BoundedSemaphore Event Condition
TaskGroup create_task Task Future Queue QueueEmpty QueueFull shield as_completed iscoroutine to_thread
"""
            )
        ),
        "network",
    ),
    "bz2": (frozenset({"compress", "decompress", "BZ2Compressor", "BZ2Decompressor"}), "files"),
    "codecs": (frozenset({"encode", "decode", "getencoder", "getdecoder", "lookup", "BOM_UTF8"}), "files"),
    "gzip": (frozenset({"compress", "decompress", "BadGzipFile"}), "files"),
    "http": (frozenset({"HTTPStatus", "HTTPMethod"}), "network"),
    "io": (frozenset({"StringIO", "BytesIO"}), "files"),
    "logging": (
        frozenset({"getLogger", "Logger", "LoggerAdapter", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}),
        "files",
    ),
    "lzma": (frozenset({"compress", "decompress", "LZMAError"}), "files"),
    "mimetypes": (frozenset({"guess_type", "guess_extension"}), "files"),
    "pathlib": (frozenset({"PurePath", "PurePosixPath", "PureWindowsPath"}), "files"),
    "types": (
        frozenset({"MappingProxyType", "SimpleNamespace", "NoneType", "TracebackType", "GenericAlias", "UnionType"}),
        "dynamic",
    ),
    "xml.etree.ElementTree": (
        frozenset({"fromstring", "XML", "Element", "SubElement", "tostring", "ParseError", "QName", "indent"}),
        "files",
    ),
}
"""Modules of which some names only compute; any other name of theirs has the power beside."""

MODULES: Mapping[str, str] = {
    **dict.fromkeys(
        _named(
            """
socket ssl select selectors socketserver urllib.request urllib.error urllib.robotparser ftplib smtplib poplib
imaplib nntplib telnetlib xmlrpc wsgiref webbrowser asyncore asynchat httpx httpx2 requests aiohttp urllib3
websockets websocket grpc pycurl paramiko redis psycopg psycopg2 asyncpg pymysql pymongo boto3 botocore dns
zmq httpcore httpcore2 litellm openai qdrant_client mcp starlette uvicorn aiosmtplib
"""
        ),
        "network",
    ),
    **dict.fromkeys(
        _named(
            """
subprocess multiprocessing pty concurrent pexpect sh posix _posixsubprocess
"""
        ),
        "programs",
    ),
    **dict.fromkeys(
        _named(
            """
ctypes _ctypes cffi mmap msvcrt winreg fcntl numba pyximport
"""
        ),
        "native",
    ),
    **dict.fromkeys(
        _named(
            """
importlib imp runpy pkgutil zipimport code codeop pickle marshal shelve dill cloudpickle joblib ast symtable
dis zipapp site ensurepip pip setuptools jsonpickle yaml
"""
        ),
        "dynamic",
    ),
    **dict.fromkeys(
        _named(
            """
shutil tempfile glob fileinput sqlite3 dbm zipfile tarfile linecache filecmp netrc mailbox
"""
        ),
        "files",
    ),
    **dict.fromkeys(
        _named(
            """
os nt sys signal resource getpass pwd grp spwd platform syslog locale
"""
        ),
        "environment",
    ),
    **dict.fromkeys(
        _named(
            """
inspect gc builtins atexit threading _thread faulthandler tracemalloc sysconfig trace traceback bdb pdb
cProfile profile _io _socket
"""
        ),
        "internals",
    ),
}
"""Modules that give a power by being imported, with all that lies below them."""

BEHIND = frozenset(
    _named(
        """
storage workflow memory smartrouter hostbridge designer mcp_server migrations bottemplates
"""
    )
)
"""Packages of botmcp behind the host's doors."""

WITH = frozenset(
    _named(
        """
keywords.registry keywords.host keywords.mistakes keywords.values keywords.plugin_doors keywords.effect_kinds
keywords.event_kinds
"""
    )
)
"""Modules that plugins are written with."""

BUILTINS: Mapping[str, str] = {
    "open": "files",
    **dict.fromkeys(_named("exec eval compile __import__"), "dynamic"),
    **dict.fromkeys(_named("breakpoint input"), "environment"),
    **dict.fromkeys(_named("globals locals vars __builtins__ __loader__ __spec__"), "internals"),
}

NAMES: Mapping[str, str] = {
    **dict.fromkeys(
        _named(
            """
open_connection start_server create_connection create_server create_datagram_endpoint sock_connect
"""
        ),
        "network",
    ),
    **dict.fromkeys(
        _named(
            """
create_subprocess_exec create_subprocess_shell subprocess_exec subprocess_shell popen posix_spawn
"""
        ),
        "programs",
    ),
    **dict.fromkeys(_named("CodeType FunctionType get_type_hints ForwardRef"), "dynamic"),
    **dict.fromkeys(_named("FileIO open_code fdopen"), "files"),
    **dict.fromkeys(_named("environ environb getenv putenv"), "environment"),
    **dict.fromkeys(
        _named(
            """
f_globals f_locals f_builtins f_back f_code gi_frame gi_code cr_frame cr_code ag_frame tb_frame func_globals
attrgetter methodcaller
"""
        ),
        "internals",
    ),
}
"""Attributes that give a power whatever they are taken of: the text does not tell what an object is."""

DUNDERS = frozenset(
    _named(
        """
__name__ __doc__ __init__ __post_init__ __str__ __repr__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__
__len__ __iter__ __next__ __contains__ __getitem__ __setitem__ __delitem__ __add__ __sub__ __mul__ __truediv__
__floordiv__ __mod__ __neg__ __abs__ __bool__ __int__ __float__ __enter__ __exit__ __aenter__ __aexit__
__aiter__ __anext__ __call__ __all__ __version__ __slots__ __match_args__ __main__ __future__ __annotations__
__author__ __license__ __format__ __reversed__ __radd__ __rsub__ __rmul__ __or__ __and__ __xor__ __invert__
__pow__ __index__ __missing__
"""
    )
)
"""Names between underscores that lead nowhere."""
