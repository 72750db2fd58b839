proxy-logged-in = De proxy vóór deze server heeft je ingelogd als <b><bdi>{ $name }</bdi></b>.
proxy-until-another = De pagina’s tonen dit account tot je een ander kiest.
proxy-choose-again = Om opnieuw te kiezen, gebruik je ‘Account wisselen’ op de pagina ‘Account’.
proxy-use-account = Het account <bdi>{ $name }</bdi> gebruiken
proxy-account-disabled = Het account <bdi>{ $name }</bdi> is uitgeschakeld. Vraag de beheerder van de server om het in te schakelen, of kies een ander.
proxy-other-account = Ander account
proxy-log-out = Uitloggen bij de proxy vóór deze server
