"""The modules below the top of the standard library: what 3.10 to 3.15 have, all together, on every system."""

_BELOW = """
    _pyrepl: _minimal_curses _module_completer _threading_handler base_eventqueue commands completing_reader
        console content curses fancy_termios fancycompleter historical_reader input keymap layout main pager
        reader readline render simple_interact terminfo trace types unix_console unix_eventqueue utils
        windows_console windows_eventqueue
    asyncio: base_events base_futures base_subprocess base_tasks constants coroutines events exceptions
        format_helpers futures graph locks log mixins proactor_events protocols queues runners selector_events
        sslproto staggered streams subprocess taskgroups tasks threads timeouts tools transports trsock
        unix_events windows_events windows_utils
    collections: abc
    compression: _common _common._streams bz2 gzip lzma zlib zstd zstd._zstdfile
    concurrent: futures futures._base futures.interpreter futures.process futures.thread interpreters
        interpreters._crossinterp interpreters._queues
    ctypes: _aix _endian _layout macholib macholib.dyld macholib.dylib macholib.framework util wintypes
    curses: ascii has_key panel textpad
    dbm: dumb gnu ndbm sqlite3
    email: _encoded_words _header_value_parser _parseaddr _policybase base64mime charset contentmanager encoders
        errors feedparser generator header headerregistry iterators message mime mime.application mime.audio
        mime.base mime.image mime.message mime.multipart mime.nonmultipart mime.text parser policy quoprimime
        utils
    ensurepip: _bundled _uninstall
    html: entities parser
    http: client cookiejar cookies server
    idlelib: autocomplete autocomplete_w autoexpand browser calltip calltip_w codecontext colorizer config
        config_key configdialog debugger debugger_r debugobj debugobj_r delegator dynoption editor filelist
        format grep help help_about history hyperparser idle iomenu macosx mainmenu multicall outwin parenmatch
        pathbrowser percolator pyparse pyshell query redirector replace rpc run runscript scrolledlist search
        searchbase searchengine sidebar squeezer stackviewer statusbar textview tooltip tree undo util window
        zoomheight zzdummy
    importlib: _abc _adapters _bootstrap _bootstrap_external _common abc machinery metadata metadata._adapters
        metadata._collections metadata._context metadata._functools metadata._itertools metadata._meta
        metadata._text metadata._typing metadata.diagnose readers resources resources._adapters
        resources._common resources._functional resources._itertools resources._legacy resources.abc
        resources.readers resources.simple simple util
    json: decoder encoder scanner tool
    lib2to3: btm_matcher btm_utils fixer_base fixer_util fixes fixes.fix_apply fixes.fix_asserts
        fixes.fix_basestring fixes.fix_buffer fixes.fix_dict fixes.fix_except fixes.fix_exec fixes.fix_execfile
        fixes.fix_exitfunc fixes.fix_filter fixes.fix_funcattrs fixes.fix_future fixes.fix_getcwdu
        fixes.fix_has_key fixes.fix_idioms fixes.fix_import fixes.fix_imports fixes.fix_imports2 fixes.fix_input
        fixes.fix_intern fixes.fix_isinstance fixes.fix_itertools fixes.fix_itertools_imports fixes.fix_long
        fixes.fix_map fixes.fix_metaclass fixes.fix_methodattrs fixes.fix_ne fixes.fix_next fixes.fix_nonzero
        fixes.fix_numliterals fixes.fix_operator fixes.fix_paren fixes.fix_print fixes.fix_raise
        fixes.fix_raw_input fixes.fix_reduce fixes.fix_reload fixes.fix_renames fixes.fix_repr
        fixes.fix_set_literal fixes.fix_standarderror fixes.fix_sys_exc fixes.fix_throw fixes.fix_tuple_params
        fixes.fix_types fixes.fix_unicode fixes.fix_urllib fixes.fix_ws_comma fixes.fix_xrange
        fixes.fix_xreadlines fixes.fix_zip main patcomp pgen2 pgen2.conv pgen2.driver pgen2.grammar
        pgen2.literals pgen2.parse pgen2.pgen pgen2.token pgen2.tokenize pygram pytree refactor
    logging: config handlers
    multiprocessing: connection context dummy dummy.connection forkserver heap managers pool popen_fork
        popen_forkserver popen_spawn_posix popen_spawn_win32 process queues reduction resource_sharer
        resource_tracker shared_memory sharedctypes spawn synchronize util
    os: path
    pathlib: _abc _local _os types
    profiling: sampling sampling._child_monitor sampling._css_utils sampling._format_utils
        sampling._sync_coordinator sampling.binary_collector sampling.binary_reader sampling.cli
        sampling.collector sampling.constants sampling.dump sampling.errors sampling.gecko_collector
        sampling.heatmap_collector sampling.jsonl_collector sampling.live_collector
        sampling.live_collector.collector sampling.live_collector.constants sampling.live_collector.display
        sampling.live_collector.trend_tracker sampling.live_collector.widgets sampling.module_utils
        sampling.opcode_utils sampling.pstats_collector sampling.sample sampling.stack_collector
        sampling.string_table tracing tracing._utils
    pydoc_data: module_docs topics
    pyexpat: errors model
    re: _casefix _compiler _constants _parser
    sqlite3: _completer dbapi2 dump
    string: templatelib
    tkinter: colorchooser commondialog constants dialog dnd filedialog font messagebox scrolledtext simpledialog
        tix ttk
    tomllib: _parser _re _types
    turtledemo: bytedesign chaos clock colormixer forest fractalcurves lindenmayer minimal_hanoi nim paint peace
        penrose planet_and_moon rosette round_dance sorting_animate tree two_canvases yinyang
    unittest: _log async_case case loader main mock result runner signals suite util
    urllib: error parse request response robotparser
    wsgiref: handlers headers simple_server types util validate
    xml: dom dom.NodeFilter dom.domreg dom.expatbuilder dom.minicompat dom.minidom dom.pulldom dom.xmlbuilder
        etree etree.ElementInclude etree.ElementPath etree.ElementTree etree.cElementTree parsers parsers.expat
        parsers.expat.errors parsers.expat.model sax sax._exceptions sax.expatreader sax.handler sax.saxutils
        sax.xmlreader utils
    xmlrpc: client server
    zipfile: _path _path._functools _path.glob
    zoneinfo: _common _tzpath _zoneinfo
"""


def _read() -> frozenset[str]:
    found: set[str] = set()
    top = ""
    for word in _BELOW.split():
        if word.endswith(":"):
            top = word[:-1]
        else:
            found.add(f"{top}.{word}")
    return frozenset(found)


SUBMODULES = _read()
