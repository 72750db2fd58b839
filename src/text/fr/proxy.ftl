proxy-logged-in = Le proxy placé devant ce serveur vous a connecté sous le nom <b><bdi>{ $name }</bdi></b>.
proxy-until-another = Les pages montrent ce compte jusqu’à ce que vous en choisissiez un autre.
proxy-choose-again = Pour choisir de nouveau, utilisez « Changer de compte » sur la page « Compte ».
proxy-use-account = Utiliser le compte <bdi>{ $name }</bdi>
proxy-account-disabled = Le compte <bdi>{ $name }</bdi> est désactivé. Demandez à l’administrateur du serveur de l’activer, ou choisissez-en un autre.
proxy-other-account = Autre compte
proxy-log-out = Se déconnecter du proxy placé devant ce serveur
