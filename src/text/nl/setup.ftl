# Apparaatwachtwoorden: de pagina, en de link ernaar op de pagina van het account.
setup-passwords-title = Apparaatwachtwoorden
setup-passwords-about = Geef elk apparaat een eigen wachtwoord: je kunt het apart intrekken, en het blijft geldig als je het wachtwoord van je account wijzigt.
setup-passwords-shown = Het wachtwoord voor <bdi>{ $name }</bdi>
setup-passwords-shown-about = <b>Het wordt alleen deze keer getoond.</b> Log op het apparaat in als <b><bdi>{ $username }</bdi></b> met dit wachtwoord, precies zoals het hier staat: kleine letters, met de streepjes. Raak je het kwijt, trek het dan in en maak een nieuw.
setup-passwords-intro = Met een apparaatwachtwoord kan één apparaat posities lezen en versturen, en je bestanden hier gebruiken. Het opent hier geen pagina, en kan je account niet wijzigen of verwijderen. Raak je een apparaat kwijt of verkoop je het, trek dan zijn wachtwoord in: de andere blijven ingelogd, ook als je het wachtwoord van je account wijzigt.
setup-passwords-used = laatst gebruikt op { $day }
setup-passwords-used-from = laatst gebruikt op { $day }, vanuit { $network }
setup-passwords-unused = nog niet gebruikt
setup-passwords-made = gemaakt: <time datetime="{ $datetime }" title="{ $exact }">{ $text }</time>
setup-passwords-revoke = Intrekken
setup-passwords-revoke-name = Wachtwoord van { $name } intrekken
setup-passwords-make-heading = Een apparaatwachtwoord maken
setup-passwords-make-about = Om een apparaat met het adres van deze server en al het andere in te stellen, ga je naar <a href="{ $link }">Apparaat instellen</a>. Voor alleen een wachtwoord:
setup-passwords-name = Naam van het apparaat
setup-passwords-make = Wachtwoord maken
setup-passwords-count = Je hebt er { $count } van hoogstens { $max }.
setup-passwords-name-empty = Er is geen wachtwoord gemaakt: de naam is leeg. Vul de naam van het apparaat in.
setup-passwords-name-too-long = Er is geen wachtwoord gemaakt: de naam is langer dan { $max } tekens. Maak hem korter.
setup-passwords-name-control = Er is geen wachtwoord gemaakt: de naam bevat besturingstekens. Vul hem opnieuw in, zonder regeleinden.
setup-passwords-too-many = Er is geen wachtwoord gemaakt: je hebt er { $max }, meer kan een account niet hebben. Trek er een in die niet meer wordt gebruikt.

# Waar nog geen boeken zijn.
setup-empty-heading = Nog geen boeken: stel KOReader in
setup-empty-files-about = Je krijgt de instellingen van KOReader als bestanden, die je naar het apparaat kopieert. Of vul ze daar in: open een boek, en dan:
setup-empty-server = <b>Gereedschap</b> (de moersleutel) → <b>Voortgangssynchronisatie</b> → <b>Aangepaste sync-server</b>, en vul in:
setup-empty-login = In hetzelfde menu <b>Registreren / Log in</b> → <b>Log in</b>: vul je naam, <b><bdi>{ $username }</bdi></b>, en je wachtwoord in.
setup-empty-push = Kies <b>Voortgang van dit apparaat pushen</b> en laad deze pagina opnieuw: je boek verschijnt hier.
setup-empty-automatic = Zet <b>Documenten automatisch gesynchroniseerd houden</b> aan, zodat latere posities zonder vragen worden verstuurd.
setup-empty-metadata = KOReader stuurt de titels van je boeken alleen als je dat in hetzelfde menu aanzet. Je kunt je boeken ook hier een naam geven.

# Het adres van de server.
setup-address-loopback = Deze pagina is geopend op een adres dat alleen op de server zelf werkt. Vul op andere apparaten de naam of het IP-adres van de server in je netwerk in, in plaats van ‘localhost’ of ‘127.0.0.1’.
setup-address-mdns = Veel e-readers vinden geen namen die op .local eindigen. Vindt de jouwe de server niet, vul dan het IP-adres ervan in.
setup-address-suggested = Het adres in je browser. Wijzig het als het apparaat deze server via een ander adres bereikt.
setup-address-configure = Stel <code>address</code> in de configuratie van de server in om het overal te tonen.
setup-address-certain = Het synchroniseert met <code>{ $address }</code>.
setup-address-server = het adres van de server
setup-address-port-off = Het adres van de server is hier niet bekend: poort 7200 van deze app staat in Home Assistant uit. Vul een poort in bij de configuratie van de app, onder Netwerk; of, achter een reverse proxy, het adres van de proxy in de optie ‘address’.
setup-address-no-certificate-name = Het adres van de server is hier niet bekend: het certificaat van de optie ‘certfile’ geldt niet voor één hostnaam. Vul https://, een naam waarvoor het certificaat geldt en de poort van de app in. Vul dat adres in bij de optie ‘address’ om het hier te zien.
setup-address-not-told = Het adres van de server is hier niet bekend: Home Assistant heeft het niet doorgegeven. Vul http://, of met ‘ssl’ https://, het adres van Home Assistant en de poort van de app in. Vul dat adres in bij de optie ‘address’ om het hier te zien.
setup-address-not-yet-told = Het adres van de server is hier nog niet bekend: Home Assistant heeft het nog niet doorgegeven. Laad de pagina zo meteen opnieuw, of vul het in.
setup-address-invalid = Er is geen wachtwoord gemaakt: dit is geen adres zoals http://192.168.1.20:7200 of https://books.example/kosync. Vul het in met http:// of https://.

# Apparaat instellen: het programma en het formulier.
setup-title = Apparaat instellen
setup-which-program = Met welk programma leest het apparaat?
setup-koreader-about = Op Kobo, Kindle, PocketBook, reMarkable, Android en Linux. Je krijgt de instellingen als bestanden, of wat je moet invullen.
setup-crosspoint-about = Op de Xteink X4 en vergelijkbare e-readers. Je krijgt wat je moet invullen.
setup-readest-about = Op telefoons, tablets en computers. Je krijgt wat je moet invullen, en codes om te scannen.
setup-other = Een ander programma
setup-other-about = Elk programma dat met een server van KOReader synchroniseert. Je krijgt wat je moet invullen, en codes om te scannen.
setup-own-password = Het apparaat krijgt een eigen wachtwoord. Raak je het apparaat kwijt, trek het dan in onder <a href="{ $link }">Apparaatwachtwoorden</a>.
setup-heading = { $program } instellen
setup-heading-other = Een ander programma instellen
setup-address = Adres van deze server
setup-files = Leestijden en markeringen
setup-files-about = De leesstatistieken en de geëxporteerde markeringen van het apparaat komen hier in je map, die al je apparaten delen. KOReader 2026.08 of nieuwer.
setup-installation = KOReader op dit apparaat
setup-in-use = Wordt al gebruikt
setup-in-use-about = Wat daar is ingesteld, blijft. Een kleine Lua-patch voegt de rest toe als KOReader de volgende keer start, en verwijdert zichzelf.
setup-new = Is nog nooit gestart
setup-new-about = De instellingen komen uit de bestanden. In een KOReader die al wordt gebruikt, zou <code>settings.reader.lua</code> ze allemaal vervangen.
setup-download = Bestanden downloaden
setup-show = Tonen wat je moet invullen
setup-copy-heading = Bestanden kopiëren
setup-copy = Kopieer deze bestanden naar de map ‘koreader’ terwijl KOReader gesloten is: pak het ZIP-bestand uit, verbind het apparaat met je computer en zet de mappen uit het ZIP-bestand in die map. Start daarna KOReader en open een boek.
setup-device = Apparaat
setup-folder = De map
setup-hidden-folder = Mappen waarvan de naam met een punt begint, zijn op veel computers verborgen: toon verborgen bestanden.
setup-files-then = KOReader verstuurt leestijden als je ze in <b>Leesstatistieken</b> synchroniseert, en markeringen als je ze exporteert. Op de pagina <a href="{ $link }">Bestanden</a> staat hoe leestijden vanzelf worden verstuurd.
setup-replaced-heading = Wat er op het apparaat verandert
setup-replaced = <code>settings/kosync.lua</code> vervangt het bestand dat er staat: een login bij een andere sync-server en de andere keuzes onder <b>Voortgangssynchronisatie</b> gaan verloren.
setup-replaced-in-use = Wordt al gebruikt: met leestijden en markeringen kiezen de statistieken en de export van markeringen je map hier in plaats van een andere cloudopslag. Alle andere instellingen blijven.
setup-replaced-new = Nog nooit gestart: <code>settings.reader.lua</code> en <code>settings/cloudstorage.lua</code> zijn nieuw. Bestanden die er al staan, worden helemaal vervangen.
setup-merge-by-hand = Wil je de bestanden zelf wijzigen, kies dan ‘Tonen wat je moet invullen’: op die pagina staan ook de regels om in te voegen.
setup-what-is-set = Automatisch synchroniseren staat aan, dus KOReader zet zelf wifi aan als je een boek opent of sluit. Titels en bestandsnamen worden meegestuurd.
setup-method =
    { $method ->
        [filename] Boeken worden herkend aan hun bestandsnaam, zoals op je andere apparaten (Bestandsnaam).
        [binary] Boeken worden herkend aan hun inhoud, zoals op je andere apparaten (Binair).
       *[default] Boeken worden herkend aan hun inhoud (Binair), zoals KOReader uit zichzelf doet.
    }
setup-versions = KOReader leest deze bestanden vanaf 2026.07. Een oudere, vanaf 2024.04, neemt de voortgangssynchronisatie eruit over als je ‘Wordt al gebruikt’ kiest; vul in een nog oudere alles zelf in. De KOReader van F-Droid voert geen patches uit: voeg daar de regels zelf in.

# Apparaat instellen: wat je moet invullen.
setup-ready = <bdi>{ $name }</bdi> instellen
setup-once = <b>Het wachtwoord wordt alleen deze keer getoond.</b> Vul het precies zo in als het hier staat: kleine letters, met de streepjes. Raak je het kwijt, trek het dan in en stel het apparaat opnieuw in.
setup-address-label = Adres
setup-username-label = Naam
setup-password-label = Wachtwoord
setup-qr = QR-code: { $what }
setup-qr-about = Scan op een telefoon of tablet een code met de camera en kopieer de tekst.
setup-steps-heading = In { $program }
setup-steps-heading-other = In het programma
setup-koreader-server = Open een boek, en dan <b>Gereedschap</b> (de moersleutel) → <b>Voortgangssynchronisatie</b> → <b>Aangepaste sync-server</b>: vul het adres in.
setup-koreader-login = In hetzelfde menu <b>Registreren / Log in</b> → <b>Log in</b>: vul de naam en het wachtwoord in.
setup-koreader-options = Zet <b>Documenten automatisch gesynchroniseerd houden</b> en het meesturen van metadata aan.
setup-koreader-cloud = <b>Gereedschap</b> → cloudopslag (<b>Cloud storage</b>), dan het plusteken → <b>WebDAV</b>: vul een willekeurige naam, het adres <code>{ $address }</code>, de naam en het wachtwoord in. Laat de startmap leeg en sla op.
setup-koreader-statistics = <b>Gereedschap</b> → <b>Leesstatistieken</b> → instellingen → cloudsynchronisatie → bewerken: kies deze server, druk lang op de eerste regel, die de huidige map kiest, en bevestig.
setup-crosspoint-menu = Op de e-reader <b>Settings</b> → <b>System</b> → <b>KOReader Sync</b>. Of open daar <b>File Transfer</b> en in een browser de instellingenpagina van de e-reader, waar je kunt plakken.
setup-crosspoint-fields =
    { $method ->
        [filename] Vul naam, wachtwoord en adres in als <b>Username</b>, <b>Password</b> en <b>Sync Server URL</b>. Zet <b>Document Matching</b> op <b>Filename</b>, zoals op je andere apparaten.
        [binary] Vul naam, wachtwoord en adres in als <b>Username</b>, <b>Password</b> en <b>Sync Server URL</b>. Zet <b>Document Matching</b> op <b>Binary</b>, zoals op je andere apparaten.
       *[default] Vul naam, wachtwoord en adres in als <b>Username</b>, <b>Password</b> en <b>Sync Server URL</b>. Zet <b>Document Matching</b> op <b>Binary</b>, zoals KOReader en Readest doen.
    }
setup-crosspoint-login = Kies <b>Authenticate</b>. In een boek synchroniseert daarna <b>Sync Progress</b> in het menu.
setup-readest-menu = Open de instellingen → integraties (<b>Integrations</b>) → <b>KOReader Sync</b>.
setup-readest-fields = Vul adres, naam en wachtwoord in de drie velden in (<b>Server URL</b>, <b>Username</b>, <b>Password</b>) en maak verbinding (<b>Connect</b>).
setup-readest-browser = Readest in een browser bereikt deze server alleen als <code>cors_origins</code> in de configuratie van de server zijn adres noemt.
setup-other-fields = Zoek de instellingen voor KOReader-sync of ‘kosync’, en vul het adres, de naam en het wachtwoord in.
setup-other-login = Log in. Registreer je niet: je hebt al een account.
setup-merge-heading = Regels om in te voegen in de bestanden van KOReader
setup-merge = Voor een KOReader die deze bestanden al heeft: sluit hem af en voeg de regels toe aan de tabellen die er staan. Werden zijn statistieken tot nu toe ergens anders gesynchroniseerd, verwijder dan <code>settings/statistics.sqlite3.sync</code>. De regels bevatten het wachtwoord.
setup-another = Nog een apparaat instellen

# Het tekstbestand in het ZIP-bestand.
setup-readme = Instellingen voor KOReader op ‘{ $name }’, dat met { $address } synchroniseert. Houd ze voor jezelf: ze bevatten het wachtwoord van het apparaat.
setup-readme-in-use = De bestanden vervangen settings/kosync.lua en vullen alle andere instellingen aan: patches/2-kosync-setup.lua doet dat als KOReader de volgende keer start, en verwijdert zichzelf.
setup-readme-new = De bestanden zijn voor een KOReader die nog nooit is gestart. In een KOReader die al wordt gebruikt, zouden settings.reader.lua en settings/cloudstorage.lua alle instellingen vervangen.
