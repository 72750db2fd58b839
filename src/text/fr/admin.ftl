admin-accounts-title = Comptes
admin-registration-open = Les inscriptions sont ouvertes
admin-registration-closed = Les inscriptions sont fermées
admin-registration-open-about = Tout appareil qui atteint ce serveur peut créer un compte.
admin-registration-closed-about = Les appareils ne peuvent pas créer de compte. Vous pouvez en créer ci-dessous.
admin-registration-configured-open = La configuration dit « ouvertes ». Votre choix ici l’emporte, même après un redémarrage, jusqu’à ce que la configuration change.
admin-registration-configured-closed = La configuration dit « fermées ». Votre choix ici l’emporte, même après un redémarrage, jusqu’à ce que la configuration change.
admin-close-registration = Fermer les inscriptions
admin-open-registration = Ouvrir les inscriptions
admin-account-count =
    { $count ->
        [one] { $count } compte
       *[other] { $count } comptes
    }
admin-limits = Chaque compte peut avoir { $books } livres, { $positions } de positions et { $files } de fichiers, selon les réglages { $settings }.
admin-name = Nom
admin-books = Livres
admin-positions = Positions
admin-files = Fichiers
admin-last-used = Dernière utilisation
admin-never = jamais
admin-export-link = Exporter
admin-administrator = administrateur
admin-disabled = désactivé
admin-enabled = activé
admin-last-used-about = « Dernière utilisation » est l’heure de la dernière position reçue ou de la dernière connexion à ces pages, à l’heure près. Les tailles sont des estimations de la place que le compte occupe dans le fichier de données, comptées à l’ouverture de cette page.
admin-create-account = Créer un compte
admin-account-heading = Compte <bdi>{ $name }</bdi>
admin-number = Numéro
admin-created = Créé
admin-status = État
admin-is-admin = Ce compte ne peut être ni désactivé ni supprimé. Changez son mot de passe sur sa propre page, <a href="{ $link }">Compte</a>.
admin-disable-heading = Désactiver le compte
admin-enable-heading = Activer le compte
admin-disable-about = Ses appareils ne pourront plus se connecter, ni envoyer ou recevoir de positions. Rien n’est supprimé.
admin-enable-about = Ses appareils pourront de nouveau se connecter, envoyer et recevoir des positions.
admin-disable = Désactiver
admin-enable = Activer
admin-change-password = Changer le mot de passe
admin-new-password = Nouveau mot de passe
admin-repeat-password = Répétez le nouveau mot de passe
admin-import-heading = Importer et exporter
admin-export-about = L’export contient ce compte seul, avec l’empreinte de son mot de passe, ses positions et ses historiques, sans les fichiers de son dossier WebDAV. Ce qu’un autre serveur en a s’importe sur la page <a href="{ $link }">Importer et exporter</a>.
admin-download-export = Télécharger l’export
admin-delete = Supprimer le compte…
admin-all-accounts = Tous les comptes
admin-of = { $part } sur { $whole }
admin-server-title = Serveur
admin-program = Programme
admin-version = Version
admin-version-from = Du programme qui a produit cette page.
admin-started = Démarré
admin-started-from = Selon l’horloge du serveur : quand ce processus a ouvert ses données.
admin-not-known = inconnu
admin-health = État
admin-health-good = Bon : les données sont lisibles et leurs fichiers sont en place.
admin-health-from = La même vérification que /healthcheck, faite à l’instant.
admin-disk = Disque
admin-directory = Répertoire de données
admin-directory-from = De la configuration.
admin-disk-free = Libre sur son disque
admin-disk-free-from = Ce que dit le système de fichiers à l’instant.
admin-disk-reserve = Gardé libre
admin-disk-reserve-from = En dessous, les positions de nouveaux livres sont refusées ; réglage min_free_disk.
admin-file = Fichier de données
admin-file-from = La taille de data.mdb.
admin-file-used = Utilisé
admin-file-used-from = Les pages qui contiennent des données, comptées par LMDB. Le reste du fichier est utilisé avant qu’il ne s’agrandisse.
admin-file-max = Peut atteindre
admin-file-max-from = Le réglage max_store_bytes ; sans lui, selon la taille du disque au démarrage.
admin-copies = Sauvegardes
admin-backup = Dernière sauvegarde
admin-backup-from = Noté dans les données par kosync backup et par la page Importer et exporter. Les copies d’autres programmes, comme celles de Home Assistant, ne sont pas connues ici.
admin-last-export = Dernier export
admin-export-from = Noté dans les données par kosync export et par la page Importer et exporter : exports de tous les comptes.
admin-none-known = rien de noté
admin-load = Charge et connexions
admin-queue = Écritures en attente
admin-queue-from = La file d’attente devant le disque, à l’instant. Quand elle est pleine, les appareils doivent réessayer.
admin-connections = Connexions ouvertes
admin-connections-from = À toutes les adresses de ce processus, à l’instant, celle de cette page comprise ; réglage max_connections, abaissé à ce que le système permet.
admin-mqtt = MQTT
admin-mqtt-off = désactivé
admin-mqtt-connected = Connecté à { $broker } depuis le { $since }.
admin-mqtt-disconnected = Pas de connexion depuis le { $since } : { $reason }
admin-mqtt-from = L’état de la connexion au broker dans ce processus ; réglages mqtt.
admin-errors = Dernières erreurs et derniers avertissements
admin-error = Erreur
admin-errors-none = Aucun depuis le démarrage.
admin-errors-from = Du journal de ce processus depuis son démarrage, dans sa langue : dix de chaque au plus.
admin-errors-elsewhere = Le programme dont ce serveur fait partie les a dans son journal.
admin-transfer-title = Importer et exporter
admin-import = Importer
admin-import-switched-off = Les envois sont désactivés par <code>max_import_bytes</code> dans la configuration du serveur.
admin-import-intro = Reprend les comptes, les mots de passe et les positions d’un export de kosync ou du <code>Kosync.db</code> de kosync-dotnet. La page suivante montre ce qui serait fait ; rien ne change avant votre confirmation.
admin-import-file = Fichier, { $max } au plus
admin-import-log = Kosync-log.db, s’il y en a un à côté de Kosync.db
admin-import-upload = Envoyer et prévisualiser
admin-import-reading =
    { $documents ->
        [one] Lecture de <b><bdi>{ $label }</bdi></b>… { $documents } document comparé jusqu’ici. Rien n’a encore changé. Cette page se recharge toute seule.
       *[other] Lecture de <b><bdi>{ $label }</bdi></b>… { $documents } documents comparés jusqu’ici. Rien n’a encore changé. Cette page se recharge toute seule.
    }
admin-import-preview = Aperçu de <b><bdi>{ $label }</bdi></b>. Rien n’a encore changé.
admin-import-other-password = Un autre mot de passe ici
admin-import-other-password-about = Un tel compte peut appartenir à quelqu’un d’autre. Cochez ceux de la même personne : leurs livres sont importés, et le mot de passe d’ici reste.
admin-import-preview-again = Prévisualiser de nouveau
admin-import-importing =
    { $of ->
        [one] Import de <b><bdi>{ $label }</bdi></b>… { $documents } sur { $of } document. Le serveur continue de répondre à tous. Cette page se recharge toute seule.
       *[other] Import de <b><bdi>{ $label }</bdi></b>… { $documents } sur { $of } documents. Le serveur continue de répondre à tous. Cette page se recharge toute seule.
    }
admin-import-finished = <b><bdi>{ $label }</bdi></b> a été importé.
admin-import-another = Importer un autre fichier
admin-import-choose-another = Choisir un autre fichier
admin-import-stop = Arrêter
admin-import-stopped = L’import a été arrêté, et ce qui a été importé jusque-là reste.
admin-import-not-waiting = Cet import n’attend plus de décision : il a été lancé ou abandonné entre-temps, ou son fichier était là depuis une heure.
admin-import-running = Un autre import est en cours. Attendez qu’il soit terminé, ou arrêtez-le.
admin-import-no-file = Aucun fichier n’a été choisi. Choisissez celui à importer.
admin-import-malformed = L’envoi n’est pas un formulaire avec un fichier, ou a été coupé. Revenez en arrière et réessayez.
admin-import-no-uploads = Les envois sont désactivés par « max_import_bytes ».
admin-report-created = Créés : { $accounts ->
        [one] { $accounts } compte
       *[other] { $accounts } comptes
    } et { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }.
admin-report-would-create = À créer : { $accounts ->
        [one] { $accounts } compte
       *[other] { $accounts } comptes
    } et { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }.
admin-report-advanced = Avancés à une position plus récente : { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    } ; la précédente est dans l’historique.
admin-report-would-advance = À avancer à une position plus récente : { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    } ; la précédente est dans l’historique.
admin-report-unchanged = Inchangés : { $accounts ->
        [one] { $accounts } compte
       *[other] { $accounts } comptes
    }, avec leur mot de passe d’ici, et { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }, dont la position ici est aussi récente ou plus récente.
admin-report-aliases = Autres identifiants de documents : { $created } ajoutés, { $unchanged } inutiles.
admin-report-would-alias = Autres identifiants de documents : { $created } à ajouter, { $unchanged } inutiles.
admin-report-skipped = Ignorés : { $count ->
        [one] { $count } enregistrement
       *[other] { $count } enregistrements
    }, voir ci-dessous.
admin-report-would-skip = À ignorer : { $count ->
        [one] { $count } enregistrement
       *[other] { $count } enregistrements
    }, voir ci-dessous.
admin-report-left-out = Laissés de côté avec { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    } : { $names }. Pour en importer un dans le compte de ce nom ici, qui garde son mot de passe, envoyez de nouveau le fichier et cochez-le.
admin-report-would-leave-out = Laissés de côté avec { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    } : { $names }. Pour en importer un dans le compte de ce nom ici, qui garde son mot de passe, cochez-le ci-dessous.
admin-report-without-password = Sans mot de passe : { $names }. Donnez-en un à chacun sous « Gérer les comptes ».
admin-report-reader-named-admin = La source a un compte ordinaire « admin ». Ce nom est ici celui de l’administrateur : dès qu’un mot de passe d’administrateur est défini, « admin » se connecte avec lui.
admin-report-lacks-log = Il n’y a pas de journal (Kosync-log.db) à côté de la base, ce qui est habituel. S’il y en a un à côté de l’original, les dernières positions ne sont que là : envoyez-le avec la base.
admin-report-skipped-records = Enregistrements ignorés
admin-report-more =
    { $count ->
        [one] … et { $count } autre
       *[other] … et { $count } autres
    }
admin-export = Export et sauvegarde
admin-export-intro = Les deux contiennent tout, avec les empreintes des mots de passe de tous les comptes : gardez-les pour vous.
admin-export-download = Télécharger l’export
admin-export-text = Un texte que cette page et <code>kosync import</code> lisent sur n’importe quelle machine. Sans les fichiers des dossiers WebDAV.
admin-backup-download = Télécharger la sauvegarde
admin-backup-about = Une copie du fichier de données, pour <code>kosync restore</code>.
admin-check = Vérifier
admin-check-intro = Lit toutes les données et indique si elles sont cohérentes.
admin-check-button = Vérifier les données
admin-check-summary = { $accounts ->
        [one] { $accounts } compte
       *[other] { $accounts } comptes
    }, { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }, { $positions ->
        [one] { $positions } position avec l’historique
       *[other] { $positions } positions avec l’historique
    }, { $sessions ->
        [one] { $sessions } session
       *[other] { $sessions } sessions
    }, { $size }.
admin-check-aliases =
    { $count ->
        [one] { $count } autre identifiant de documents.
       *[other] { $count } autres identifiants de documents.
    }
admin-check-files =
    { $count ->
        [one] { $count } fichier dans des dossiers WebDAV.
       *[other] { $count } fichiers dans des dossiers WebDAV.
    }
admin-check-old-rows =
    { $count ->
        [one] { $count } ligne au format d’une version antérieure ; elle est convertie à sa prochaine écriture.
       *[other] { $count } lignes au format d’une version antérieure ; chacune est convertie à sa prochaine écriture.
    }
admin-check-sound = Aucun problème trouvé.
admin-check-problems =
    { $count ->
        [one] La base de données a { $count } problème : restaurez une sauvegarde, ou signalez-le comme un bogue.
       *[other] La base de données a { $count } problèmes : restaurez une sauvegarde, ou signalez-les comme un bogue.
    }
admin-protected = Le compte admin ne peut être ni désactivé ni supprimé, et seul son propriétaire peut changer son mot de passe.
admin-suggested = Gérer tous les comptes
admin-suggested-about = Aucun compte n’est encore administrateur. Home Assistant n’indique pas aux applications qui sont ses administrateurs : saisissez <code>{ $user }</code> sous <b>Paramètres → Applications → KOReader Sync → Configuration → Administrateurs</b>, enregistrez et redémarrez l’application.
admin-import-unexpected = une erreur inattendue a mis fin à l’import ; le journal du serveur en donne la cause
admin-import-interrupted = l’import s’est interrompu, et ce qui a été importé jusque-là reste ; corrigez cela et recommencez : { $reason }
admin-record-line = ligne { $number }
admin-record-account = compte { $name }
admin-record-notes = notes du compte { $name }
admin-record-document = document { $name }
admin-record-documents-from = document { $number } et tous les suivants
admin-record-all-documents = tous les documents
admin-record-book = livre du document { $name }
admin-record-alias = autre identifiant { $name }
admin-record-at = le compte à la page { $page }, emplacement { $slot }
admin-record-end = la fin du fichier
admin-record-more =
    { $count ->
        [one] { $count } de plus
       *[other] { $count } de plus
    }
admin-skip-foreign-hash = sa clé n’est pas une empreinte Argon2id comme ce serveur les produit
admin-skip-blank-name = son nom commence ou se termine par une espace, ce qui en ferait un autre compte ici
admin-skip-future = sa date est dans le futur : { $timestamp } s après 1970
admin-skip-no-account = son compte n’existe pas
admin-skip-other-password = le compte de ce nom a ici un autre mot de passe : il peut appartenir à quelqu’un d’autre
admin-skip-other-hash = le compte de ce nom a ici un autre mot de passe, ou le même défini de nouveau : il peut appartenir à quelqu’un d’autre
admin-skip-unknown-password = la source n’a pas son mot de passe : le compte de ce nom peut ici appartenir à quelqu’un d’autre
admin-skip-too-long = elle dépasse { $max }
admin-skip-no-record = ce n’est pas un enregistrement d’un export : { $detail }
admin-skip-unstorable = aucun serveur ne peut l’avoir : { $detail }
admin-skip-damaged = il est abîmé dans la base de données : { $detail }
admin-skip-log-missing =
    { $count ->
        [one] le fichier a { $count } page de plus que la base : son journal (Kosync-log.db à côté de Kosync.db) n’a pas été copié avec lui, et les dernières positions manquent
       *[other] le fichier a { $count } pages de plus que la base : son journal (Kosync-log.db à côté de Kosync.db) n’a pas été copié avec lui, et les dernières positions manquent
    }
admin-skip-not-indexed = l’index des comptes ne le contient pas
admin-skip-not-listed =
    { $count ->
        [one] seul le premier est affiché
       *[other] seuls les { $count } premiers sont affichés
    }
admin-source-empty = le fichier est vide
admin-source-cut-off = le fichier est coupé : sa dernière ligne manque
admin-source-at-line = ligne { $number } : { $reason }
admin-source-newer = cet export vient d’une version plus récente de kosync (format { $format }) ; mettez d’abord ce serveur à jour
admin-source-no-export = ce n’est pas un export de kosync
admin-source-another-export = un autre export commence ici : importez-les l’un après l’autre
admin-source-other-count =
    { $count ->
        [one] il y a { $count } enregistrement, mais la dernière ligne en compte d’autres : l’export n’est pas complet
       *[other] il y a { $count } enregistrements, mais la dernière ligne en compte d’autres : l’export n’est pas complet
    }
admin-source-goes-on = c’est la dernière ligne de l’export, mais le fichier continue
admin-source-data-file = c’est une sauvegarde ou le fichier de données d’un serveur : « kosync restore » en fait un dossier de données
admin-source-redis = c’est une copie de Redis : démarrez un Redis avec elle, puis importez « redis://127.0.0.1:6379/1 » avec « kosync import »
admin-source-compressed = le fichier est compressé : décompressez-le d’abord
admin-source-sqlite = c’est une base de données SQLite, qu’aucun serveur pris en charge n’écrit
admin-source-unknown = ce n’est ni un export de kosync ni une base de données de kosync-dotnet
admin-source-no-account = il ne contient pas le compte { $name }, qui doit être fusionné
admin-source-other = il ne peut pas être lu : { $detail }
admin-database-encrypted = la base de données est chiffrée ; retirez son mot de passe avec LiteDB, puis réessayez
admin-database-too-old = la base de données vient de LiteDB 4 ; ouvrez-la une fois avec LiteDB 5, qui la met à niveau, puis réessayez
admin-database-version = la base de données a la version { $version } du format de LiteDB ; seule la version 8, celle de LiteDB 5, est prise en charge
admin-database-rebuild = LiteDB a marqué la base de données comme abîmée ; laissez LiteDB la reconstruire, puis réessayez
admin-database-missing-page = la page { $page } manque : le fichier est coupé, ou son journal (Kosync-log.db à côté de Kosync.db) n’a pas été copié avec lui
admin-database-damaged = la base de données est abîmée, ou son journal (Kosync-log.db à côté de Kosync.db) n’a pas été copié avec elle : page { $page } : { $detail }
admin-database-damaged-log = le journal est abîmé ou n’en est pas un de LiteDB : il n’y a pas de page valide à l’octet { $at }
admin-database-foreign-log = le journal appartient à une autre base de données
admin-database-no-users = la base de données n’a pas de collection « users » : elle n’est pas de kosync-dotnet, n’a jamais servi, ou son journal (Kosync-log.db à côté de Kosync.db) n’a pas été copié avec elle
