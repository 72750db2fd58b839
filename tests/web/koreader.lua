-- Starts as KOReader does, as far as settings go, in the folder that is the first argument: reads its own settings, runs the patches, and
-- loads the settings of two plugins. Prints what they say: names, and values as hexadecimal digits.

local folder = arg[1]

local function written(value, depth)
    if type(value) ~= "table" then
        return type(value) == "string" and string.format("%q", value) or tostring(value)
    end
    local lines = {}
    for key, item in pairs(value) do
        lines[#lines + 1] = "[" .. written(key) .. "] = " .. written(item) .. ","
    end
    return "{" .. table.concat(lines, "\n") .. "}"
end

local Settings = {}
Settings.__index = Settings

function Settings:open(path)
    local ok, data = pcall(dofile, path)
    return setmetatable({ path = path, data = ok and data or {} }, self)
end

function Settings:readSetting(key, default)
    if self.data[key] == nil then
        self.data[key] = default
    end
    return self.data[key]
end

function Settings:saveSetting(key, value)
    self.data[key] = value
end

function Settings:flush()
    local file = assert(io.open(self.path, "w"))
    file:write("return ", written(self.data), "\n")
    file:close()
end

package.preload.luasettings = function() return Settings end
package.preload.device = function() return { hasSeamlessWifiToggle = function() return arg[2] == "seamless" end } end
package.preload.datastorage = function() return { getSettingsDir = function() return folder .. "/settings" end } end

G_reader_settings = Settings:open(folder .. "/settings.reader.lua")
-- Since 2026.07, the settings of progress sync have a file of their own: the first start after an update moves them there.
if arg[3] ~= "2026.03" and (G_reader_settings:readSetting("last_migration_date") or 0) < 20260623 then
    local kosync = G_reader_settings:readSetting("kosync")
    if kosync then
        local moved = Settings:open(folder .. "/settings/kosync.lua")
        moved:saveSetting("settings", kosync)
        moved:flush()
        G_reader_settings:saveSetting("kosync", nil)
    end
    G_reader_settings:saveSetting("last_migration_date", 20260804)
end
local patch = folder .. "/patches/2-kosync-setup.lua"
local file = io.open(patch)
if file then
    file:close()
    dofile(patch)
end

local function show(name, value)
    if type(value) == "table" then
        for key, item in pairs(value) do
            show(name .. "." .. key, item)
        end
    else
        print(name, (tostring(value):gsub(".", function(c) return string.format("%02x", c:byte()) end)))
    end
end

show("reader", G_reader_settings.data)
show("progress", Settings:open(folder .. "/settings/kosync.lua").data)
show("cloud", Settings:open(folder .. "/settings/cloudstorage.lua").data)
