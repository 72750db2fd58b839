errors-title = Fout: { $title }
errors-nothing-changed = Er is niets gewijzigd
errors-login-failed = Inloggen mislukt
errors-not-logged-in = Niet ingelogd
errors-not-logged-in-text = Log in en probeer het opnieuw.
errors-cross-origin = Formulier geweigerd
errors-cross-origin-text = Er is niets gewijzigd: het formulier kwam van { $origin }, maar het verzoek was voor { $host }. Zijn beide deze server, dan verandert een proxy ervoor de header Host. Zet in nginx `proxy_set_header Host $http_host;` ($host laat de poort weg). Ga anders terug, laad de pagina opnieuw en probeer het nog eens.
errors-no-ingress-user = Geen gebruiker van Home Assistant
errors-no-ingress-user-text = Home Assistant heeft je gebruikers-ID niet gestuurd, dus er is geen account om te tonen. Laad deze pagina opnieuw; helpt dat niet, herstart dan Home Assistant.
errors-not-administrator = Alleen voor beheerders
errors-not-administrator-text = Je account kan geen andere accounts beheren. Log in met het account van een beheerder.
errors-no-page = Pagina niet gevonden
errors-no-page-text = Op dit adres is geen pagina. Misschien is die verwijderd, of is het adres onvolledig.
errors-method = Methode niet toegestaan
errors-method-text = Dit adres beantwoordt alleen { $methods }. Gebruik de links en knoppen van de pagina’s.
errors-registration-closed = Registratie is gesloten
errors-registration-closed-text = Registratie is gesloten op deze server. Vraag de beheerder om een account.
errors-wrong-credentials = De naam of het wachtwoord is onjuist.
errors-wrong-password = Het wachtwoord is onjuist.
errors-disabled = Dit account is uitgeschakeld. Vraag de beheerder van de server om het in te schakelen.
errors-device-password = Dit is een apparaatwachtwoord. Het is voor leesprogramma’s en opent geen pagina. Gebruik het wachtwoord van je account.
errors-too-large = Formulier te groot
errors-too-large-text = Er is niets gewijzigd: het formulier is groter dan { $max } bytes. Maak het korter en probeer het opnieuw.
errors-incomplete = Formulier onvolledig
errors-incomplete-text = Er is niets gewijzigd: het formulier kwam niet volledig en op tijd aan. Controleer je verbinding en probeer het opnieuw.
errors-too-many-failures =
    { $seconds ->
        [one] Te veel mislukte inlogpogingen. Probeer het opnieuw over { $seconds } seconde.
       *[other] Te veel mislukte inlogpogingen. Probeer het opnieuw over { $seconds } seconden.
    }
errors-too-many-registrations =
    { $seconds ->
        [one] Er zijn te veel accounts aangemaakt. Probeer het opnieuw over { $seconds } seconde.
       *[other] Er zijn te veel accounts aangemaakt. Probeer het opnieuw over { $seconds } seconden.
    }
errors-busy = Server bezet
errors-heavy-read-text = Er loopt al een export, back-up of controle. Probeer het opnieuw als die klaar is.
errors-upload-too-large = Bestand te groot
errors-upload-too-large-text = Er is niets gewijzigd: het bestand is groter dan { $max } bytes. Verhoog `max_import_bytes` in de configuratie van de server, of importeer het bestand met `kosync import` op de server.
errors-busy-text = De server heeft te veel verzoeken om dit te beantwoorden. Probeer het zo meteen opnieuw.
errors-disk-full = Schijf vol
errors-disk-full-text = Er is niets gewijzigd: de schijf van de server is vol. De beheerder moet ruimte vrijmaken.
errors-no-room = Geen ruimte meer
errors-no-room-text = Er is niets gewijzigd: je posities nemen alle ruimte in die je account mag hebben. Verwijder een paar boeken, of vraag de beheerder van de server om meer.
errors-disk-error = Schijffout
errors-disk-error-text = Er is niets gewijzigd: de server kan niet naar zijn schijf schrijven. De beheerder moet de schijf controleren; de details staan in het logboek van de server.
errors-data-missing = Gegevensmap ontbreekt
errors-data-missing-text = Er is niets gewijzigd: de gegevensmap van de server is verwijderd of vervangen. De beheerder moet de server stoppen, de map terugzetten en de server weer starten.
errors-internal = Serverfout
errors-internal-text = Er is een onverwachte fout opgetreden. Probeer het opnieuw; gebeurt het weer, vraag de beheerder van de server dan om in het logboek te kijken.
errors-password-empty = Het nieuwe wachtwoord is leeg. Vul het in beide velden in.
errors-passwords-differ = De twee wachtwoorden verschillen. Vul in beide velden hetzelfde in.
errors-name-taken = Er bestaat al een account met deze naam. Kies een andere naam.
errors-field-username = de naam
errors-field-name = de naam
errors-field-password = het wachtwoord
errors-invalid-empty = { $field } is leeg
errors-invalid-colon = { $field } mag geen dubbelepunt bevatten
errors-invalid-control = { $field } mag geen besturingstekens bevatten
errors-invalid-bytes = { $field } is langer dan { $limit } bytes
errors-invalid-characters = { $field } is langer dan { $limit } tekens
errors-back-to-form = Terug naar het formulier
errors-try-again = Opnieuw proberen
errors-log-in = Inloggen
errors-to-books = Naar je boeken
errors-to-accounts = Naar de accounts
errors-to-files = Naar je bestanden
errors-to-highlights = Naar je markeringen
errors-to-device-passwords = Naar je apparaatwachtwoorden
errors-to-overview = Naar het overzicht
errors-user-header = Geen geldige gebruikersnaam
errors-user-header-text =
    De proxy vóór deze server noemt je in de header { $header }, maar { $fault ->
        [several] die heeft meerdere waarden
        [empty] die is leeg
       *[unreadable] dat is geen naam van hoogstens 255 bytes in UTF-8
    }. De beheerder van de server moet de proxy zo instellen dat hij deze header door één naam vervangt.
