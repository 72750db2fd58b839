-- A device: KOReader's own statistics and cloud storage, from a checkout of KOReader, without its user interface.
--
-- Nothing of KOReader is in here. Modules that this does not load are empty, and a dialog is confirmed.
--
-- Environment: KOREADER (the checkout, with its submodule `base`), DEVICE (the folder with the device's databases), URL (the
-- address of the WebDAV folder), and in it FOLDER. BETWEEN is a command that runs between the download and the first upload of a
-- sync, DURING one that runs in the middle of an upload.

local checkout, home = os.getenv("KOREADER"), os.getenv("DEVICE")
package.path = checkout .. "/frontend/?.lua;" .. checkout .. "/base/?.lua;" .. checkout .. "/base/thirdparty/?.lua;" .. package.path

-- What KOReader's own LuaJIT has, and this one may not.
table.pack = table.pack or function(...) return { n = select("#", ...), ... } end
require("ffi").loadlib = function(name, version) return require("ffi").load("lib" .. name .. ".so" .. (version and "." .. version or "")) end

local function nothing() end
local empty = setmetatable({}, { __index = function(self) return self end, __call = function(self) return self end })
local Widget = {}
function Widget:extend(object)
    self.__index = self
    return setmetatable(object or {}, self)
end

-- The last text that was shown.
local shown
local UIManager = { close = nothing, forceRePaint = nothing, nextTick = function(_, action) action() end }
function UIManager:show(widget)
    shown = widget.text or shown
    if widget.ok_callback then widget.ok_callback() end
end

local folder = { getDataDir = function() return home end, getSettingsDir = function() return home end }
local modules = {
    ["datastorage"] = folder,
    ["device"] = setmetatable({ model = "test", canUseWAL = function() return os.getenv("WAL") ~= nil end }, { __index = function() return nothing end }),
    ["ffi/utf8proc"] = empty,
    ["gettext"] = setmetatable({ pgettext = function(_, text) return text end, ngettext = function(text) return text end }, { __call = function(_, text) return text end }),
    ["libs/libkoreader-lfs"] = require("lfs"),
    ["logger"] = { dbg = nothing, info = nothing, warn = nothing, err = function(...) io.stderr:write(table.concat({ ... }, " "), "\n") end },
    ["ssl.https"] = {},
    ["ui/network/manager"] = { willRerunWhenConnected = function() return false end },
    ["ui/uimanager"] = UIManager,
    ["ui/widget/container/widgetcontainer"] = Widget,
    ["ui/widget/widget"] = Widget,
    ["version"] = { getShortVersion = function() return "test" end },
}
for _, name in ipairs { "confirmbox", "infomessage", "notification" } do
    modules["ui/widget/" .. name] = { new = function(_, widget) return widget end }
end
for name, module in pairs(modules) do
    package.loaded[name] = module
end
for _, name in ipairs { "apps/filemanager/filemanagerutil", "dispatcher", "docsettings", "document/documentregistry", "luasettings", "optmath",
    "readerprogress", "readhistory", "ui/bidi", "ui/widget/buttondialog", "ui/widget/keyvaluepage", "ui/widget/multiinputdialog" } do
    package.loaded[name] = empty
end
G_reader_settings = { isTrue = function() return true end }

require("socketutil")
local SQ3 = require("lua-ljsqlite3/init")
local Cloud = dofile(checkout .. "/plugins/cloudstorage.koplugin/main.lua")
local WebDav = dofile(checkout .. "/plugins/cloudstorage.koplugin/providers/webdav.lua")
local Statistics = dofile(checkout .. "/plugins/statistics.koplugin/main.lua")
Cloud.providers = { webdav = WebDav }

local database = home .. "/statistics.sqlite3"
local server = { type = "webdav", address = os.getenv("URL"), username = "ada", password = "password", url = os.getenv("FOLDER") or "" }
WebDav.base = server
local settings = { is_enabled = true, max_sec = 120, min_sec = 5, sync_server = server }
local plugin = Statistics:extend { settings = settings, ui = { cloudstorage = Cloud }, curr_page = 1 }

local function query(sql)
    local connection = SQ3.open(database)
    local columns, count = connection:exec(sql)
    connection:close()
    local rows = {}
    for row = 1, tonumber(count) do
        rows[row] = columns[1][row]
    end
    return rows
end

local function id_of(md5)
    return tonumber(query("SELECT id FROM book WHERE md5 = '" .. md5 .. "'")[1])
end

local commands = {}

function commands.create()
    local connection = SQ3.open(database)
    plugin:createDB(connection)
    connection:close()
end

-- Reads pages of a book, each as `page:start:duration`.
function commands.read(title, md5, pages, ...)
    plugin.data = { title = title, authors = "N/A", series = "N/A", language = "N/A", pages = tonumber(pages), highlights = 0, notes = 0 }
    plugin.doc_md5, plugin.is_doc_not_frozen = md5, true
    plugin.id_curr_book, plugin.page_stat = plugin:getIdBookDB(), {}
    for _, reading in ipairs { ... } do
        local page, start, duration = reading:match("(%d+):(%d+):(%d+)")
        plugin.page_stat[tonumber(page)] = { { tonumber(start), tonumber(duration) } }
    end
    plugin:insertDB()
end

function commands.delete(md5)
    plugin:deleteBook(id_of(md5))
end

-- Deletes what was read of a book between two times.
function commands.reset(md5, from, to)
    plugin:resetStatsForBookForPeriod(id_of(md5), tonumber(from), tonumber(to), "a day")
end

-- Prints the statuses of a sync's requests, and what the device shows at its end.
function commands.sync()
    local http, ltn12 = require("socket.http"), require("ltn12")
    local statuses, request, merge, read = {}, http.request, plugin.onSync, ltn12.source.file
    http.request = function(...)
        local results = table.pack(request(...))
        statuses[#statuses + 1] = tostring(results[2])
        return unpack(results, 1, results.n)
    end
    local between, during = os.getenv("BETWEEN"), os.getenv("DURING")
    plugin.onSync = function(...)
        local merged = merge(...)
        if between then os.execute(between) end
        between = nil
        return merged
    end
    ltn12.source.file = function(...)
        local source, parts = read(...), 0
        return function()
            parts = parts + 1
            if parts == 4 and during then os.execute(during) end
            return source()
        end
    end
    plugin:onSyncBookStats()
    print(table.concat(statuses, " "), shown)
end

-- Prints what was read: book, page, start, duration.
function commands.print()
    local readings = query([[SELECT md5 || ' ' || page || ' ' || start_time || ' ' || duration FROM page_stat_data
        LEFT JOIN book ON book.id = id_book]])
    for _, reading in ipairs(readings) do
        print(reading)
    end
end

function commands.list(path)
    for _, item in ipairs(WebDav.listFolder(path, true)) do
        print(item.is_folder and "folder" or "file", item.url, item.filesize, item.modification)
    end
end

function commands.create_folder(path, name)
    print(WebDav.createFolder(path, name))
end

function commands.delete_file(path)
    print(WebDav.deleteFile(path))
end

function commands.download(path, to)
    print(WebDav.downloadFile(path, to))
end

function commands.upload(path, from)
    print(WebDav.uploadFile(path, from))
end

commands[arg[1]](unpack(arg, 2))
