proxy-logged-in = The proxy in front of this server logged you in as <b><bdi>{ $name }</bdi></b>.
proxy-until-another = The dashboard shows this account until you choose another one.
proxy-choose-again = To choose again, use “Switch account” on the page “Account”.
proxy-use-account = Use the account <bdi>{ $name }</bdi>
proxy-account-disabled = The account <bdi>{ $name }</bdi> is disabled. Ask the server’s administrator to enable it, or choose another one.
proxy-other-account = Another account
proxy-log-out = Log out of the proxy in front of this server
