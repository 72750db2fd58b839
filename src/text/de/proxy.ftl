proxy-logged-in = Der Proxy vor diesem Server hat dich als <b><bdi>{ $name }</bdi></b> angemeldet.
proxy-until-another = Die Seiten zeigen dieses Konto, bis du ein anderes wählst.
proxy-choose-again = Um neu zu wählen, verwende „Konto wechseln“ auf der Seite „Konto“.
proxy-use-account = Das Konto <bdi>{ $name }</bdi> verwenden
proxy-account-disabled = Das Konto <bdi>{ $name }</bdi> ist gesperrt. Bitte den Administrator des Servers, es freizugeben, oder wähle ein anderes.
proxy-other-account = Anderes Konto
proxy-log-out = Vom Proxy vor diesem Server abmelden
