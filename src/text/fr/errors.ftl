errors-title = Erreur : { $title }
errors-nothing-changed = Rien n’a été modifié
errors-login-failed = Échec de la connexion
errors-not-logged-in = Non connecté
errors-not-logged-in-text = Connectez-vous et réessayez.
errors-cross-origin = Formulaire refusé
errors-cross-origin-text = Rien n’a été modifié : le formulaire venait de { $origin }, mais la requête était pour { $host }. Si les deux sont ce serveur, un proxy devant lui change l’en-tête Host. Dans nginx, mettez `proxy_set_header Host $http_host;` ($host omet le port). Sinon, revenez en arrière, rechargez la page et réessayez.
errors-no-ingress-user = Aucun utilisateur de Home Assistant
errors-no-ingress-user-text = Home Assistant n’a pas envoyé votre identifiant d’utilisateur, il n’y a donc aucun compte à montrer. Rechargez cette page ; si cela n’aide pas, redémarrez Home Assistant.
errors-not-administrator = Réservé aux administrateurs
errors-not-administrator-text = Votre compte ne peut pas gérer d’autres comptes. Connectez-vous avec le compte d’un administrateur.
errors-no-page = Page introuvable
errors-no-page-text = Il n’y a pas de page à cette adresse. Elle a peut-être été supprimée, ou l’adresse est incomplète.
errors-method = Méthode non autorisée
errors-method-text = Cette adresse ne répond qu’à { $methods }. Utilisez plutôt les liens et les boutons des pages.
errors-registration-closed = Les inscriptions sont fermées
errors-registration-closed-text = Les inscriptions sont fermées sur ce serveur. Demandez un compte à son administrateur.
errors-wrong-credentials = Le nom ou le mot de passe est incorrect.
errors-wrong-password = Le mot de passe est incorrect.
errors-disabled = Ce compte est désactivé. Demandez à l’administrateur du serveur de l’activer.
errors-device-password = C’est un mot de passe d’appareil. Il sert aux programmes de lecture et n’ouvre aucune page. Utilisez le mot de passe de votre compte.
errors-too-large = Formulaire trop grand
errors-too-large-text = Rien n’a été modifié : le formulaire dépasse { $max } octets. Raccourcissez-le et réessayez.
errors-incomplete = Formulaire incomplet
errors-incomplete-text = Rien n’a été modifié : le formulaire n’est pas arrivé entier et à temps. Vérifiez votre connexion et réessayez.
errors-too-many-failures =
    { $seconds ->
        [one] Trop de connexions ont échoué. Réessayez dans { $seconds } seconde.
       *[other] Trop de connexions ont échoué. Réessayez dans { $seconds } secondes.
    }
errors-too-many-registrations =
    { $seconds ->
        [one] Trop de comptes ont été créés. Réessayez dans { $seconds } seconde.
       *[other] Trop de comptes ont été créés. Réessayez dans { $seconds } secondes.
    }
errors-busy = Serveur occupé
errors-heavy-read-text = Un export, une sauvegarde ou une vérification est déjà en cours. Réessayez quand ce sera terminé.
errors-upload-too-large = Fichier trop grand
errors-upload-too-large-text = Rien n’a été modifié : le fichier dépasse { $max } octets. Augmentez `max_import_bytes` dans la configuration du serveur, ou importez le fichier avec `kosync import` sur le serveur.
errors-busy-text = Le serveur a trop de requêtes pour répondre à celle-ci. Réessayez dans un instant.
errors-disk-full = Disque plein
errors-disk-full-text = Rien n’a été modifié : le disque du serveur est plein. Son administrateur doit libérer de la place.
errors-no-room = Plus de place
errors-no-room-text = Rien n’a été modifié : vos positions prennent toute la place accordée à votre compte. Supprimez quelques livres, ou demandez-en plus à l’administrateur du serveur.
errors-disk-error = Erreur de disque
errors-disk-error-text = Rien n’a été modifié : le serveur ne peut pas écrire sur son disque. Son administrateur doit le vérifier ; le journal du serveur donne les détails.
errors-data-missing = Répertoire de données absent
errors-data-missing-text = Rien n’a été modifié : le répertoire de données du serveur a été supprimé ou remplacé. Son administrateur doit arrêter le serveur, remettre le répertoire et redémarrer le serveur.
errors-internal = Erreur du serveur
errors-internal-text = Une erreur inattendue s’est produite. Réessayez ; si elle se reproduit, demandez à l’administrateur du serveur de consulter le journal.
errors-password-empty = Le nouveau mot de passe est vide. Saisissez-le dans les deux champs.
errors-passwords-differ = Les deux mots de passe diffèrent. Saisissez le même dans les deux champs.
errors-name-taken = Un compte de ce nom existe déjà. Choisissez un autre nom.
errors-field-username = le nom
errors-field-name = le nom
errors-field-password = le mot de passe
errors-invalid-empty = { $field } est vide
errors-invalid-colon = { $field } ne peut pas contenir de deux-points
errors-invalid-control = { $field } ne peut pas contenir de caractères de contrôle
errors-invalid-bytes = { $field } dépasse { $limit } octets
errors-invalid-characters = { $field } dépasse { $limit } caractères
errors-back-to-form = Revenir au formulaire
errors-try-again = Réessayer
errors-log-in = Se connecter
errors-to-books = Aller à vos livres
errors-to-accounts = Aller aux comptes
errors-to-files = Aller à vos fichiers
errors-to-highlights = Aller à vos surlignages
errors-to-device-passwords = Aller à vos mots de passe d’appareil
errors-to-overview = Aller à l’accueil
errors-user-header = Pas de nom d’utilisateur valide
errors-user-header-text =
    Le proxy placé devant ce serveur vous nomme dans l’en-tête { $header }, mais { $fault ->
        [several] il a plusieurs valeurs
        [empty] il est vide
       *[unreadable] ce n’est pas un nom d’au plus 255 octets en UTF-8
    }. L’administrateur du serveur doit configurer le proxy pour qu’il remplace cet en-tête par un seul nom.
