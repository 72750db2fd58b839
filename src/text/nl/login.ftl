login-title = Inloggen
login-intro = Gebruik de naam en het wachtwoord van je e-reader.
login-name = Naam
login-password = Wachtwoord
login-no-account = Nog geen account? <a href="{ $link }">Maak er een aan</a>, of registreer je in KOReader: <b>Gereedschap → Voortgangssynchronisatie → Registreren / Log in</b>, nadat je dit adres onder <b>Aangepaste sync-server</b> hebt ingevuld:
login-closed = Nog geen account? Registratie is gesloten op deze server. Vraag de beheerder om een account.
login-forgotten = Wachtwoord vergeten? Een beheerder van deze server kan een nieuw instellen, hier onder <b>Accounts beheren</b>, of op de server met <code>kosync user passwd NAAM</code>.
login-register-title = Account aanmaken
login-register-intro = Gebruik in KOReader dezelfde naam en hetzelfde wachtwoord. De server bewaart geen kopie van het wachtwoord die hij je kan sturen: onthoud het dus.
login-have-account = Heb je al een account? <a href="{ $link }">Log in</a>
login-repeat-password = Wachtwoord herhalen
login-create-account = Account aanmaken
login-create-intro = Gebruik in KOReader dezelfde naam en hetzelfde wachtwoord.
login-choose-title = Kies een account
login-home-assistant-user = Home Assistant heeft je ingelogd als <b><bdi>{ $name }</bdi></b>.
login-choose-listed = De pagina’s tonen het account dat je hier kiest.
login-choose-once = Log één keer in met de naam en het wachtwoord van je e-reader. De pagina’s tonen daarna dit account, tot het wachtwoord verandert.
login-choose-again = Om opnieuw te kiezen gebruik je ‘Account wisselen’ boven aan elke pagina.
login-books =
    { $count ->
        [one] { $count } boek
       *[other] { $count } boeken
    }
login-again-title = Opnieuw versturen?
login-again-intro = Je bent weer ingelogd. Je sessie was afgelopen, dus er is nog niets opgeslagen. Dit had je ingevuld:
login-current-password = Huidig wachtwoord
login-new-password = Nieuw wachtwoord
login-repeat-new-password = Nieuw wachtwoord herhalen
login-do-not-send = Niet versturen, maar naar de pagina met het formulier
login-session-ended = Je sessie is afgelopen, dus er is niets opgeslagen. Log in: daarna kun je versturen wat je had ingevuld.
login-session-ended-repeat = Je sessie is afgelopen, dus er is niets opgeslagen. Log in en doe het opnieuw.
login-session-ended-too-long = Je sessie is afgelopen, dus er is niets opgeslagen. Wat je had ingevuld is te lang om hier te bewaren: ga terug in je browser, kopieer het en log dan in.
login-session-ended-file = Je sessie is afgelopen, dus er is niets opgeslagen. Log in en kies het bestand opnieuw.
login-taken = Er bestaat al een account met deze naam. Kies een andere naam, of log in met het wachtwoord ervan.
login-account-gone = Dit account bestaat niet meer. Kies een ander of maak er een aan.
login-not-created = Het account is niet aangemaakt: { $reason }.
