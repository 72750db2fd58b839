login-title = Se connecter
login-intro = Utilisez le nom et le mot de passe de votre liseuse.
login-name = Nom
login-password = Mot de passe
login-no-account = Pas encore de compte ? <a href="{ $link }">Créez-en un</a>, ou inscrivez-vous dans KOReader : <b>Outils → Synchronisation de la progression → S’inscrire / S’identifier</b>, après avoir saisi cette adresse sous <b>Serveur de synchronisation personnalisé</b> :
login-closed = Pas encore de compte ? Les inscriptions sont fermées sur ce serveur. Demandez un compte à son administrateur.
login-forgotten = Mot de passe oublié ? Un administrateur de ce serveur peut en définir un nouveau, ici sous <b>Gérer les comptes</b>, ou sur le serveur avec <code>kosync user passwd NOM</code>.
login-register-title = Créer un compte
login-register-intro = Utilisez le même nom et le même mot de passe dans KOReader. Le serveur ne garde aucune copie du mot de passe qu’il pourrait vous envoyer : retenez-le.
login-have-account = Vous avez un compte ? <a href="{ $link }">Connectez-vous</a>
login-repeat-password = Répétez le mot de passe
login-create-account = Créer le compte
login-create-intro = Utilisez le même nom et le même mot de passe dans KOReader.
login-choose-title = Choisir un compte
login-home-assistant-user = Home Assistant vous a connecté sous le nom <b><bdi>{ $name }</bdi></b>.
login-choose-listed = Les pages montrent le compte que vous choisissez ici.
login-choose-once = Connectez-vous une fois avec le nom et le mot de passe de votre liseuse. Les pages montrent alors ce compte, jusqu’à ce que son mot de passe change.
login-choose-again = Pour choisir de nouveau, utilisez « Changer de compte » en haut de chaque page.
login-books =
    { $count ->
        [one] { $count } livre
       *[other] { $count } livres
    }
login-again-title = Envoyer de nouveau ?
login-again-intro = Vous êtes de nouveau connecté. Votre session était terminée, rien n’est donc encore enregistré. Voici ce que vous aviez saisi :
login-current-password = Mot de passe actuel
login-new-password = Nouveau mot de passe
login-repeat-new-password = Répétez le nouveau mot de passe
login-do-not-send = Ne pas l’envoyer et aller à la page du formulaire
login-session-ended = Votre session est terminée, rien n’a donc été enregistré. Connectez-vous : vous pourrez ensuite envoyer ce que vous avez saisi.
login-session-ended-repeat = Votre session est terminée, rien n’a donc été enregistré. Connectez-vous et recommencez.
login-session-ended-too-long = Votre session est terminée, rien n’a donc été enregistré. Ce que vous avez saisi est trop long pour être gardé ici : revenez en arrière dans le navigateur, copiez-le, puis connectez-vous.
login-session-ended-file = Votre session est terminée, rien n’a donc été enregistré. Connectez-vous et choisissez de nouveau le fichier.
login-taken = Un compte de ce nom existe déjà. Choisissez un autre nom, ou connectez-vous avec son mot de passe.
login-account-gone = Ce compte n’existe plus. Choisissez-en un autre, ou créez-en un.
login-not-created = Le compte n’a pas été créé : { $reason }.
