-- KOReader runs this file once, at its next start. It adds to KOReader's settings what the server's pages were asked for, leaves all other
-- settings as they are, and removes itself.

local DataStorage = require("datastorage")
local Device = require("device")
local LuaSettings = require("luasettings")

-- Before 2026.07, KOReader kept the settings of progress sync in its own file. Its first start after an update has just moved them into the
-- plugin's file, over the one that came with this patch. An older KOReader has not, and reads them in its own file only.
local function set_progress(settings)
    if (G_reader_settings:readSetting("last_migration_date") or 0) < 20260623 then
        G_reader_settings:saveSetting("kosync", settings)
        return
    end
    local progress = LuaSettings:open(DataStorage:getSettingsDir() .. "/kosync.lua")
    progress:saveSetting("settings", settings)
    progress:flush()
end

-- Automatic sync needs it where KOReader can turn on Wi-Fi without asking: KOReader would turn the sync off again.
if Device.hasSeamlessWifiToggle == nil or Device:hasSeamlessWifiToggle() then
    G_reader_settings:saveSetting("wifi_enable_action", wanted.reader.wifi_enable_action)
end

-- Each account has a folder of its own, at the same address.
local function is_same(one, other)
    return one ~= nil and one.type == other.type and one.address == other.address and one.url == other.url
        and one.username == other.username
end

local function add_server(server)
    local cloud = LuaSettings:open(DataStorage:getSettingsDir() .. "/cloudstorage.lua")
    local servers = cloud:readSetting("cs_servers", {})
    local place = #servers + 1
    for index, existing in ipairs(servers) do
        if is_same(existing, server) then
            place = index
        end
    end
    servers[place] = server
    cloud:flush()
end

local function choose_for_statistics(defaults)
    local statistics = G_reader_settings:readSetting("statistics", defaults)
    -- Without settings of its own, `statistics` is `defaults` itself.
    if statistics == defaults or not is_same(statistics.sync_server, defaults.sync_server) then
        -- The copy of what was synced last belongs to another folder. KOReader removes it, too, when another one is chosen.
        os.remove(DataStorage:getSettingsDir() .. "/statistics.sqlite3.sync")
    end
    statistics.sync_server = defaults.sync_server
end

local function choose_for_highlights(json)
    local exporter = G_reader_settings:readSetting("exporter", {})
    exporter.json = exporter.json or {}
    for key, value in pairs(json) do
        exporter.json[key] = value
    end
end

set_progress(wanted.progress.settings)
if wanted.cloud then
    add_server(wanted.cloud.cs_servers[1])
    choose_for_statistics(wanted.reader.statistics)
    choose_for_highlights(wanted.reader.exporter.json)
end
G_reader_settings:flush()
os.remove((debug.getinfo(1, "S").source:gsub("^@", "")))
