books-title = Mijn boeken
books-search-label = Titel, auteur, bestand of document-ID
books-search = Zoeken
books-refine = Sorteren en filteren
books-sort = Sorteren op
books-sort-last = Laatst gelezen
books-sort-title = Titel
books-sort-author = Auteur
books-sort-progress = Voortgang
books-device = Gelezen op
books-all = Alle
books-only-unnamed = Alleen boeken zonder naam
books-show = Tonen
books-count-last =
    { $count ->
        [one] { $count } boek, laatst gelezen eerst
       *[other] { $count } boeken, laatst gelezen eerst
    }
books-count-title =
    { $count ->
        [one] { $count } boek, op titel
       *[other] { $count } boeken, op titel
    }
books-count-author =
    { $count ->
        [one] { $count } boek, op auteur
       *[other] { $count } boeken, op auteur
    }
books-count-progress =
    { $count ->
        [one] { $count } boek, verst gelezen eerst
       *[other] { $count } boeken, verst gelezen eerst
    }
books-found =
    { $count ->
        [one] { $count } boek gevonden
       *[other] { $count } boeken gevonden
    }
books-show-all = Alles tonen
books-more-than-listed = De eerste { $count } staan in de lijst. Zoek of filter om de andere te vinden.
books-hidden-link =
    { $count ->
        [one] { $count } boek is verborgen: toon het
       *[other] { $count } boeken zijn verborgen: toon ze
    }
books-unnamed-link =
    { $count ->
        [one] { $count } boek heeft geen naam: geef het een naam
       *[other] { $count } boeken hebben geen naam: geef ze een naam
    }
books-progress = Voortgang
books-statistics-row = uit de statistieken, zonder positie
books-time-read = { $time } gelezen
books-pages = Pagina’s van deze lijst
books-page = Pagina { $page }
books-page-of = Pagina { $page } van { $count }
books-first = Eerste
books-previous = ← Vorige
books-next = Volgende →
books-rename = Naam wijzigen
books-name-label = Jouw naam voor dit boek
books-name-about = Laat het leeg om de titel te gebruiken die je apparaat stuurt.
books-save-name = Naam opslaan
books-name-too-long = De naam is niet opgeslagen: hij is langer dan { $limit } bytes. Maak hem korter.
books-name-control = De naam is niet opgeslagen: er staan besturingstekens in, zoals een regeleinde. Verwijder ze.
books-started-over = Dit boek is opnieuw begonnen. Het heeft geen huidige positie tot een apparaat verder leest; het openen waar het was telt niet.
books-plot = Leesvoortgang
books-plot-label = Leesvoortgang door de tijd, in procenten. De lijst hieronder bevat de posities.
books-plot-devices = Apparaten
books-plot-more = { $count } meer
books-point = { $time }: { $percent }, { $device }
books-history = Geschiedenis
books-history-about = Kies ‘Terugzetten’ om naar een eerdere positie terug te gaan. Dat wordt dan de huidige positie.
books-history-koreader = KOReader gaat erheen, of vraagt het, als het weer automatisch opvraagt, tenzij je op dat apparaat intussen een bladzijde hebt omgeslagen. ‘Voortgang van andere apparaten pullen’ gaat erheen zonder te vragen.
books-why-no-sync = Waarom synchroniseert het niet?
books-put-back = Terugzetten
books-put-back-label = Positie { $percent } van { $time } terugzetten
books-current = Huidige
books-pushes =
    { $count ->
        [one] { $count } keer verstuurd
       *[other] { $count } keer verstuurd
    }
books-earlier-positions =
    { $count ->
        [one] { $count } eerdere positie
       *[other] { $count } eerdere posities
    }
books-all-positions = Alle { $count } posities
books-kept =
    { $count ->
        [one] { $count } positie bewaard: alle van de laatste 48 uur, en daarvoor van elk apparaat de laatste van een dag.
       *[other] { $count } posities bewaard: alle van de laatste 48 uur, en daarvoor van elk apparaat de laatste van een dag.
    }
books-history-title = Geschiedenis van { $title }
books-history-heading = Geschiedenis van <a href="{ $link }"><bdi>{ $title }</bdi></a>
books-start-over = Opnieuw beginnen
books-start-over-about = Begint het boek opnieuw: het heeft geen huidige positie tot een apparaat verder leest. De geschiedenis blijft.
books-files = Bestanden
books-files-none = Is dit hetzelfde boek als een ander: geconverteerd, opnieuw opgeslagen of elders gekocht? Samengevoegd delen ze één positie en één geschiedenis.
books-files-some = Dit boek heeft andere bestanden, die zijn positie en geschiedenis delen. Maak er een los om het zijn eigen geschiedenis terug te geven.
books-not-pushed = nog niet verstuurd
books-part = Losmaken
books-part-label = { $title } losmaken
books-may-be-same = Dit is misschien hetzelfde boek als
books-same-as = Dit is hetzelfde boek als…
books-document = Document
books-file = Bestand
books-id = ID
books-delete-link = Positie en geschiedenis verwijderen…
books-reason-title = zelfde titel en auteurs
books-reason-filename = zelfde bestandsnaam
books-reason-matching = zijn ID is die van de bestandsnaam van dit boek, of andersom
books-reason-identifier = een apparaat gaf aan dat beide ID’s bij één boek horen
books-reason-asked = een apparaat vroeg om deze ID, en geen enkel heeft hem verstuurd
books-same-book = Hetzelfde boek
books-same-book-label = Hetzelfde boek: { $title }
books-this-one = Deze
books-this-one-label = Deze: { $title }
books-join-title = Hetzelfde boek als…
books-join-about = Welk ander boek is <a href="{ $link }"><bdi>{ $title }</bdi></a> in een ander bestand: geconverteerd, opnieuw opgeslagen of elders gekocht? Beide delen dan één positie en één geschiedenis. Je kunt ze weer losmaken.
books-suggestions = Suggesties
books-all-others = Alle andere boeken
books-join-missing = Het andere boek ontbreekt. Laad de pagina van het boek opnieuw en kies er een.
books-join-too-many = Een boek heeft hoogstens { $max } bestanden. Maak er een los voordat je er nog een toevoegt.
books-join-same = Dit is het boek zelf. Kies een ander.
books-join-not-joined = Deze bestanden zijn niet meer samengevoegd. Laad de pagina van het boek opnieuw.
books-position-gone = Deze positie staat niet meer in de geschiedenis. Laad de pagina van het boek opnieuw en kies een andere.
books-no-such-position = Deze positie bestaat niet. Laad de pagina van het boek opnieuw en kies er een uit de geschiedenis.
books-statistics-about = Uit de statistieken van KOReader. Geen apparaat heeft een positie van dit boek verstuurd.
books-statistics-about-id = Uit de statistieken van KOReader. Geen apparaat heeft een positie van dit boek verstuurd, of het wordt onder een andere document-ID verstuurd omdat ‘Methode voor het vergelijken van documenten’ op ‘Bestandsnaam’ staat.
books-unnamed-title = Boeken zonder naam
books-unnamed-about = Van deze heeft geen apparaat een titel of bestandsnaam gestuurd. Vul de namen in die je kent en sla ze in één keer op. Een leeg veld verandert niets.
books-unnamed-none = Elk boek heeft een naam.
books-unnamed-label = Naam van het boek op { $percent }, laatst gelezen { $time }
books-unnamed-save = Namen opslaan
books-unnamed-saved =
    { $count ->
        [one] { $count } naam is opgeslagen.
       *[other] { $count } namen zijn opgeslagen.
    }
books-name-no-room = De naam is niet opgeslagen: de ruimte van je account is op. Verwijder eerst een paar boeken.
books-name-no-book = De naam is niet opgeslagen: het boek is intussen verwijderd.
books-delete-title = Boek verwijderen
books-delete-heading = Dit boek verwijderen?
books-delete-others = Het boek heeft meer bestanden, die hun eigen gegevens houden. Dit verwijdert alleen het bestand met de ID <span class="id"><bdi>{ $document }</bdi></span>.
books-delete = Verwijderen
books-cancel = Annuleren
books-delete-goes = Wat weggaat
books-delete-goes-positions =
    { $count ->
        [one] De huidige positie en { $count } positie uit de geschiedenis
       *[other] De huidige positie en { $count } posities uit de geschiedenis
    }
books-delete-goes-name = Zijn titel en zijn naam hier, en zijn plaats op je planken
books-delete-stays = Wat blijft
books-delete-stays-days =
    { $count ->
        [one] { $count } dag waarop je het las, in je kalender
       *[other] { $count } dagen waarop je het las, in je kalender
    }
books-delete-stays-finished =
    { $count ->
        [one] Dat je een boek uitlas, in je cijfers
       *[other] Dat je het { $count } keer uitlas, in je cijfers
    }
books-delete-stays-device = Het boek op je apparaten; stuurt een ervan zijn positie weer, dan begint een nieuwe geschiedenis
books-delete-stays-files = Leestijden en markeringen, die uit de bestanden van je apparaten komen
books-sort-finished = Uitgelezen
books-count-finished =
    { $count ->
        [one] { $count } boek, laatst uitgelezen eerst
       *[other] { $count } boeken, laatst uitgelezen eerst
    }
books-shelf = Plank
books-shelf-reading = Nu aan het lezen
books-shelf-aside = Weggelegd
books-shelf-finished = Uitgelezen
books-shelf-hidden = Verborgen
books-finished-times =
    { $count ->
        [one] uitgelezen op { $date }
       *[other] { $count } keer uitgelezen, laatst op { $date }
    }
books-move-reading = Naar ‘Nu aan het lezen’
books-move-aside = Wegleggen
books-move-finished = Markeren als uitgelezen
books-not-finished = Toch niet uitgelezen ({ $date })
books-move-auto = Laat de posities beslissen
books-finished-on = Uitgelezen op
books-hide = Verbergen in lijsten
books-unhide = Tonen in lijsten
books-no-date = Vul de dag in waarop je het boek uitlas, uiterlijk vandaag, bijvoorbeeld 2026-11-26.
