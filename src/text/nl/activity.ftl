activity-title = Waarom synchroniseert het niet?
activity-intro = Wat je apparaten hebben opgevraagd en verstuurd, en wat het resultaat was, het nieuwste eerst. De server onthoudt de laatste 200 verzoeken, alleen in het geheugen, sinds hij is gestart: <time datetime="{ $datetime }" title="{ $exact }">{ $started }</time>.
activity-none = Sindsdien heeft geen apparaat iets opgevraagd of verstuurd. Open een boek in KOReader, sla een bladzijde om en kies ‘Voortgang van dit apparaat pushen’. Verschijnt hier dan niets, dan bereikt het apparaat deze server niet of gebruikt het een ander account. Het adres van de server is:
activity-put-back = Terugzetten
activity-show-book = Boek tonen
activity-join = Het is hetzelfde boek
activity-show-other = Het andere boek tonen
activity-missing-heading = Als hier een verzoek ontbreekt
activity-missing = Wat niet op deze pagina staat, heeft de server onder dit account niet bereikt: geen wifi, een ander adres of een ander account. KOReader bewaart een positie die het niet kon versturen vier weken en verstuurt die later.
activity-stayed-heading = Als een apparaat een positie kreeg en er niet heen ging
activity-stayed = KOReader gaat alleen vanzelf naar een positie, of vraagt ernaar, als het die automatisch opvraagt, en alleen als de positie nieuwer is dan de laatste omgeslagen bladzijde op het apparaat. ‘Voortgang van andere apparaten pullen’ gaat er zonder te vragen heen.

activity-device-unnamed = (zonder naam)
activity-device-inferred = { $device } (op grond van het adres)
activity-device =
    { $address ->
        [none] Een apparaat
       *[other] Een apparaat op { $address }
    }
activity-device-agent =
    { $address ->
        [none] Een apparaat ({ $agent })
       *[other] Een apparaat op { $address } ({ $agent })
    }
activity-a-book = een boek

activity-pushed = { $device } heeft { $percent } van { $book } verstuurd.
activity-pushed-queue = { $device } heeft binnen enkele seconden { $count } posities van { $book } verstuurd, zoals een apparaat doet dat de server eerder niet kon bereiken; de laatste is { $percent }.
activity-pushed-several = { $device } heeft { $since } { $count } posities van { $book } verstuurd; de laatste is { $percent }.
activity-effect-moved = Dat werd de huidige positie.
activity-effect-held-repeat = Dat is al de huidige positie, die dit apparaat eerder had verstuurd.
activity-effect-repeat = Daar was het al. Een apparaat waarop niet verder is gelezen, neemt niemands plaats in.
activity-effect-opened = Dat is het begin, zoals een apparaat het verstuurt waarop een boek voor het eerst wordt geopend.
activity-effect-echo = Die plek had het van een ander apparaat gekregen, en sindsdien is er niet verder gelezen.
activity-effect-queue = Dat ligt vóór wat een ander apparaat al had bereikt.
activity-effect-not-further = Dat is niet verder. Volgens de regel van dit account is de verste positie de huidige.
activity-effect-landed-elsewhere = De plek komt uit een ander bestand van dit boek en leidde in dit bestand ergens anders heen.
activity-into-history = De positie staat in de geschiedenis van het boek.
activity-started-over = Het boek is opnieuw begonnen: er is geen huidige positie tot een apparaat verder leest.
activity-still = De huidige positie is nog steeds die van { $device }, { $percent }.
activity-still-restored = De huidige positie is nog steeds de teruggezette, { $percent }.

activity-push-refused = { $device } heeft een positie van { $book } verstuurd, die is geweigerd:
activity-push-refused-unnamed = { $device } heeft een positie verstuurd, die is geweigerd:
activity-pull-refused = { $device } heeft een positie van { $book } opgevraagd en geen antwoord gekregen:
activity-reason-number = het veld ‘{ $field }’ ontbreekt of is geen getal (403).
activity-reason-id = het veld ‘{ $field }’ ontbreekt, is geen tekst, is leeg of bevat een dubbelepunt of bytes die geen UTF-8 zijn (403).
activity-reason-list = de lijst ‘{ $field }’ moet 1 tot 8 items in de vorm van het protocol hebben, geen type dubbel en één met de ID van het boek als waarde (403).
activity-reason-field = het veld ‘{ $field }’ ontbreekt of is geen tekst (403).
activity-reason-long-field = het veld ‘{ $field }’ is te lang (403).
activity-reason-invalid = het verzoek is in strijd met een regel van het protocol (403).
activity-reason-not-json = de inhoud is geen JSON-object (400).
activity-reason-too-large = de inhoud is groter dan { $count } bytes (413).
activity-reason-too-slow = de inhoud kwam niet op tijd aan (408).
activity-reason-busy = de server had het te druk (503).
activity-reason-no-space = de schijf van de server is vol (507).
activity-reason-disk-write = de server kon niet naar zijn schijf schrijven (503).
activity-reason-data-directory = de gegevensmap van de server is verwijderd of vervangen (503).
activity-reason-documents = het account heeft zoveel boeken als het mag hebben (507).
activity-reason-bytes = de posities van het account nemen alle toegestane ruimte in (507).
activity-reason-free-disk = de schijf van de server heeft weinig ruimte over (507).
activity-reason-failed = er ging iets mis op de server (502); zijn logboek noemt de reden.
activity-next-makers = De positie wordt opnieuw geweigerd: laat het de makers van het leesprogramma weten.
activity-next-delete = Verwijder een paar boeken of vraag de beheerder om een hogere limiet.
activity-next-until = KOReader bewaart de positie en verstuurt die opnieuw; tot dan is die niet opgeslagen.
activity-next-again = KOReader bewaart de positie en verstuurt die opnieuw.
activity-next-asks = Het apparaat vraagt het opnieuw.

activity-got = { $device } heeft een positie van { $book } opgevraagd en die van { $other } gekregen: { $percent }, { $when } bereikt.
activity-got-restored = { $device } heeft een positie van { $book } opgevraagd en de teruggezette gekregen: { $percent }, { $when } bereikt.
activity-same = { $device } heeft een positie van { $book } opgevraagd en dezelfde als eerder gekregen, die van { $other }: { $percent }, { $when } bereikt. Sindsdien heeft geen apparaat een nieuwere verstuurd.
activity-same-restored = { $device } heeft een positie van { $book } opgevraagd en dezelfde als eerder gekregen, de teruggezette: { $percent }, { $when } bereikt. Sindsdien heeft geen apparaat een nieuwere verstuurd.
activity-own = { $device } heeft een positie van { $book } opgevraagd en gekregen wat het zelf had verstuurd: { $percent }, { $when } bereikt. KOReader zegt dan ‘Laatste voortgang komt van dit apparaat’.
activity-own-twin = Een apparaat met dezelfde naam en ID verstuurt ook vanaf { $address }. Als dat een ander apparaat is, zijn de instellingen gekopieerd: geef een van beide een nieuwe ID, zoals op de documentatiepagina ‘Troubleshooting’ staat.
activity-own-only = Geen ander apparaat heeft onder deze ID een nieuwere verstuurd. Had er een dat moeten doen: staat het op deze pagina, en onder dezelfde ID?
activity-unknown = { $device } heeft een positie van { $book } opgevraagd; onder deze ID is er geen bekend.
activity-unknown-invalid = { $device } heeft een positie opgevraagd van een boek waarvan de ID te lang is of een dubbelepunt bevat; onder deze ID is er geen bekend.
activity-unknown-then = { $device } heeft een positie van { $book } opgevraagd; onder deze ID was er toen geen bekend. Nu is er { $title }.
activity-unknown-started-over = { $device } heeft een positie van { $book } opgevraagd.
activity-unknown-joined = { $device } heeft een positie van { $book } opgevraagd en er geen gekregen. Het bestand is samengevoegd met { $title }. Krijgt het er nog steeds geen, dan leiden de plaatsen van de andere bestanden hierin ergens anders heen: lees er op het apparaat een paar pagina’s in, dan krijgt het posities.
activity-candidate = Je apparaat { $device } heeft { $when } { $id } verstuurd. Als het hetzelfde boek is, verschillen de bestanden.
activity-candidate-titled = Je apparaat { $device } heeft { $when } { $title } als { $id } verstuurd. Als het hetzelfde boek is, verschillen de bestanden.
activity-no-candidate = Geen ander apparaat heeft in de dag ervoor een positie van een ander boek verstuurd.

activity-login = { $device } heeft ingelogd.
activity-login-wrong-password =
    { $address ->
        [none] Inloggen is mislukt: het wachtwoord was onjuist (401). Was het een apparaat, log er dan opnieuw in: KOReader gooit een positie weg die zo wordt geweigerd.
       *[other] Inloggen vanaf { $address } is mislukt: het wachtwoord was onjuist (401). Was het een apparaat, log er dan opnieuw in: KOReader gooit een positie weg die zo wordt geweigerd.
    }
activity-login-disabled =
    { $address ->
        [none] Inloggen is mislukt: het account was uitgeschakeld (401).
       *[other] Inloggen vanaf { $address } is mislukt: het account was uitgeschakeld (401).
    }
activity-login-too-many =
    { $address ->
        [none] Inloggen is geweigerd zonder het wachtwoord te controleren, omdat het eerder te vaak was mislukt (429). Zoek het apparaat dat nog een oud wachtwoord heeft.
       *[other] Inloggen vanaf { $address } is geweigerd zonder het wachtwoord te controleren, omdat het eerder te vaak was mislukt (429). Zoek het apparaat dat nog een oud wachtwoord heeft.
    }
activity-login-busy =
    { $address ->
        [none] Inloggen is geweigerd: de server had het te druk (503). Apparaten proberen het opnieuw.
       *[other] Inloggen vanaf { $address } is geweigerd: de server had het te druk (503). Apparaten proberen het opnieuw.
    }
activity-login-other-name =
    { $address ->
        [none] Een programma probeerde in te loggen als { $name }, en zo’n account bestaat niet (401): het jouwe is { $account }. Hoofdletters tellen mee. Typ de naam op dat apparaat zoals die hier staat.
       *[other] Een programma op { $address } probeerde in te loggen als { $name }, en zo’n account bestaat niet (401): het jouwe is { $account }. Hoofdletters tellen mee. Typ de naam op dat apparaat zoals die hier staat.
    }
activity-times = ({ $count } keer { $since }.)
