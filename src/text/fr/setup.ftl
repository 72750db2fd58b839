# Mots de passe d’appareil : la page, et son lien sur la page du compte.
setup-passwords-title = Mots de passe d’appareil
setup-passwords-about = Donnez à chaque appareil son propre mot de passe : vous pouvez le révoquer seul, et il reste valable quand vous changez le mot de passe de votre compte.
setup-passwords-shown = Le mot de passe de <bdi>{ $name }</bdi>
setup-passwords-shown-about = <b>Il n’est affiché que cette fois.</b> Sur l’appareil, connectez-vous sous le nom <b><bdi>{ $username }</bdi></b> avec ce mot de passe, saisi tel qu’il est ici : en minuscules, avec les traits d’union. Si vous le perdez, révoquez-le et créez-en un autre.
setup-passwords-intro = Un mot de passe d’appareil permet à un seul appareil de lire et d’envoyer des positions, et d’utiliser vos fichiers ici. Il n’ouvre aucune page ici et ne peut ni modifier ni supprimer votre compte. Quand un appareil est perdu ou vendu, révoquez son mot de passe : les autres restent connectés, même quand vous changez le mot de passe de votre compte.
setup-passwords-used = utilisé pour la dernière fois le { $day }
setup-passwords-used-from = utilisé pour la dernière fois le { $day }, depuis { $network }
setup-passwords-unused = pas encore utilisé
setup-passwords-made = création : <time datetime="{ $datetime }" title="{ $exact }">{ $text }</time>
setup-passwords-revoke = Révoquer
setup-passwords-revoke-name = Révoquer le mot de passe de { $name }
setup-passwords-make-heading = Créer un mot de passe d’appareil
setup-passwords-make-about = Pour configurer un appareil avec l’adresse de ce serveur et tout le reste, passez par <a href="{ $link }">Configurer un appareil</a>. Pour un mot de passe seul :
setup-passwords-name = Nom de l’appareil
setup-passwords-make = Créer le mot de passe
setup-passwords-count = Vous en avez { $count } sur { $max } au plus.
setup-passwords-name-empty = Aucun mot de passe n’a été créé : le nom est vide. Saisissez le nom de l’appareil.
setup-passwords-name-too-long = Aucun mot de passe n’a été créé : le nom dépasse { $max } caractères. Raccourcissez-le.
setup-passwords-name-control = Aucun mot de passe n’a été créé : le nom contient des caractères de contrôle. Saisissez-le de nouveau, sans saut de ligne.
setup-passwords-too-many = Aucun mot de passe n’a été créé : vous en avez { $max }, le maximum pour un compte. Révoquez-en un qui ne sert plus.

# Quand il n’y a pas encore de livres.
setup-empty-heading = Pas encore de livres : configurez KOReader
setup-empty-files-about = Vous recevez les réglages de KOReader sous forme de fichiers à copier sur l’appareil. Ou saisissez-les là-bas : ouvrez un livre, puis :
setup-empty-server = <b>Outils</b> (la clé à molette) → <b>Synchronisation de la progression</b> → <b>Serveur de synchronisation personnalisé</b> : saisissez
setup-empty-login = Dans le même menu, <b>S’inscrire / S’identifier</b> → <b>S’identifier</b> : saisissez votre nom, <b><bdi>{ $username }</bdi></b>, et votre mot de passe.
setup-empty-push = Choisissez <b>Transmettre la progression depuis cet appareil maintenant</b>, puis rechargez cette page : votre livre apparaît ici.
setup-empty-automatic = Activez <b>Maintenir automatiquement la synchronisation des documents</b>, pour que les positions suivantes soient envoyées sans rien demander.
setup-empty-metadata = KOReader n’envoie les titres de vos livres que si vous l’activez dans le même menu. Vous pouvez aussi nommer vos livres ici.

# L’adresse du serveur.
setup-address-loopback = Cette page a été ouverte à une adresse qui ne fonctionne que sur le serveur lui-même. Sur les autres appareils, saisissez le nom ou l’adresse IP du serveur dans votre réseau au lieu de « localhost » ou « 127.0.0.1 ».
setup-address-mdns = Beaucoup de liseuses ne trouvent pas les noms qui se terminent par .local. Si la vôtre ne trouve pas le serveur, saisissez plutôt son adresse IP.
setup-address-suggested = L’adresse dans votre navigateur. Modifiez-la si l’appareil atteint ce serveur par une autre.
setup-address-configure = Pour qu’elle soit affichée partout, réglez <code>address</code> dans la configuration du serveur.
setup-address-certain = Il se synchronise avec <code>{ $address }</code>.
setup-address-server = l’adresse du serveur
setup-address-port-off = L’adresse du serveur n’est pas connue ici : le port 7200 de cette application est désactivé dans Home Assistant. Indiquez un port dans la configuration de l’application, sous Réseau ; ou, derrière un proxy inverse, l’adresse du proxy dans l’option « address ».
setup-address-no-certificate-name = L’adresse du serveur n’est pas connue ici : le certificat de l’option « certfile » ne vaut pour aucun nom d’hôte unique. Saisissez https://, un nom pour lequel le certificat vaut et le port de l’application. Saisissez cette adresse dans l’option « address » pour qu’elle s’affiche ici.
setup-address-not-told = L’adresse du serveur n’est pas connue ici : Home Assistant ne l’a pas communiquée. Saisissez http://, ou avec « ssl » https://, l’adresse de Home Assistant et le port de l’application. Saisissez cette adresse dans l’option « address » pour qu’elle s’affiche ici.
setup-address-not-yet-told = L’adresse du serveur n’est pas encore connue ici : Home Assistant ne l’a pas encore communiquée. Rechargez la page dans un instant, ou saisissez-la.
setup-address-invalid = Aucun mot de passe n’a été créé : ce n’est pas une adresse comme http://192.168.1.20:7200 ou https://books.example/kosync. Saisissez-la avec http:// ou https://.

# Configurer un appareil : le programme, et le formulaire.
setup-title = Configurer un appareil
setup-which-program = Avec quel programme l’appareil lit-il ?
setup-koreader-about = Sur Kobo, Kindle, PocketBook, reMarkable, Android et Linux. Vous recevez ses réglages sous forme de fichiers, ou ce qu’il faut saisir.
setup-crosspoint-about = Sur la Xteink X4 et les liseuses semblables. Vous recevez ce qu’il faut saisir.
setup-readest-about = Sur téléphones, tablettes et ordinateurs. Vous recevez ce qu’il faut saisir, et des codes à scanner.
setup-other = Un autre programme
setup-other-about = Tout programme qui se synchronise avec un serveur de KOReader. Vous recevez ce qu’il faut saisir, et des codes à scanner.
setup-own-password = L’appareil reçoit son propre mot de passe. Si vous perdez l’appareil, révoquez-le sous <a href="{ $link }">Mots de passe d’appareil</a>.
setup-heading = Configurer { $program }
setup-heading-other = Configurer un autre programme
setup-address = Adresse de ce serveur
setup-files = Temps de lecture et surlignages
setup-files-about = Les statistiques de lecture et les surlignages exportés de l’appareil vont dans votre dossier ici, que tous vos appareils partagent. KOReader 2026.08 ou plus récent.
setup-installation = KOReader sur cet appareil
setup-in-use = Est déjà utilisé
setup-in-use-about = Ce qui y est réglé reste. Un petit correctif Lua ajoute le reste au prochain démarrage de KOReader, puis se supprime.
setup-new = N’a jamais été démarré
setup-new-about = Ses réglages viennent des fichiers. Dans un KOReader déjà utilisé, <code>settings.reader.lua</code> les remplacerait tous.
setup-download = Télécharger les fichiers
setup-show = Afficher ce qu’il faut saisir
setup-copy-heading = Copier les fichiers
setup-copy = Copiez ces fichiers dans le dossier « koreader » pendant que KOReader est fermé : décompressez le ZIP, reliez l’appareil à votre ordinateur et placez les dossiers du ZIP dans ce dossier. Démarrez ensuite KOReader et ouvrez un livre.
setup-device = Appareil
setup-folder = Le dossier
setup-hidden-folder = Les dossiers dont le nom commence par un point sont cachés sur beaucoup d’ordinateurs : affichez les fichiers cachés.
setup-files-then = KOReader envoie les temps de lecture quand vous les synchronisez dans <b>Statistiques de lecture</b>, et les surlignages quand vous les exportez. <a href="{ $link }">Fichiers</a> explique comment envoyer les temps de lecture automatiquement.
setup-replaced-heading = Ce qui change sur l’appareil
setup-replaced = <code>settings/kosync.lua</code> remplace le fichier présent : une connexion à un autre serveur de synchronisation et les autres choix de <b>Synchronisation de la progression</b> disparaissent.
setup-replaced-in-use = Déjà utilisé : avec les temps de lecture et les surlignages, les statistiques et l’export des surlignages choisissent votre dossier ici au lieu d’un autre stockage en ligne. Tous les autres réglages restent.
setup-replaced-new = Jamais démarré : <code>settings.reader.lua</code> et <code>settings/cloudstorage.lua</code> sont nouveaux. Des fichiers déjà présents seraient remplacés en entier.
setup-merge-by-hand = Pour modifier les fichiers à la main, choisissez « Afficher ce qu’il faut saisir » : cette page a aussi les lignes à insérer.
setup-what-is-set = La synchronisation automatique est activée : KOReader allume donc le Wi-Fi de lui-même quand vous ouvrez ou fermez un livre. Les titres et les noms de fichiers sont envoyés.
setup-method =
    { $method ->
        [filename] Les livres sont reconnus à leur nom de fichier, comme sur vos autres appareils (Nom de fichier).
        [binary] Les livres sont reconnus à leur contenu, comme sur vos autres appareils (Binaire).
       *[default] Les livres sont reconnus à leur contenu (Binaire), comme KOReader le fait de lui-même.
    }
setup-versions = KOReader lit ces fichiers à partir de 2026.07. Un plus ancien, à partir de 2024.04, en reprend « Synchronisation de la progression » si vous choisissez « Est déjà utilisé » ; dans un encore plus ancien, saisissez tout. Le KOReader de F-Droid n’exécute pas de correctifs : insérez-y les lignes à la main.

# Configurer un appareil : ce qu’il faut saisir.
setup-ready = Configurer <bdi>{ $name }</bdi>
setup-once = <b>Le mot de passe n’est affiché que cette fois.</b> Saisissez-le tel qu’il est ici : en minuscules, avec les traits d’union. Si vous le perdez, révoquez-le et configurez l’appareil de nouveau.
setup-address-label = Adresse
setup-username-label = Nom
setup-password-label = Mot de passe
setup-qr = Code QR : { $what }
setup-qr-about = Sur un téléphone ou une tablette, scannez un code avec l’appareil photo et copiez son texte.
setup-steps-heading = Dans { $program }
setup-steps-heading-other = Dans le programme
setup-koreader-server = Ouvrez un livre, puis <b>Outils</b> (la clé à molette) → <b>Synchronisation de la progression</b> → <b>Serveur de synchronisation personnalisé</b> : saisissez l’adresse.
setup-koreader-login = Dans le même menu, <b>S’inscrire / S’identifier</b> → <b>S’identifier</b> : saisissez le nom et le mot de passe.
setup-koreader-options = Activez <b>Maintenir automatiquement la synchronisation des documents</b> et l’envoi des métadonnées.
setup-koreader-cloud = <b>Outils</b> → stockage en ligne (<b>Cloud storage</b>), puis le signe plus → <b>WebDAV</b> : saisissez un nom quelconque, l’adresse <code>{ $address }</code>, le nom et le mot de passe. Laissez le dossier de départ vide et enregistrez.
setup-koreader-statistics = <b>Outils</b> → <b>Statistiques de lecture</b> → paramètres → synchronisation en ligne → modifier : choisissez ce serveur, appuyez longuement sur la première ligne, qui choisit le dossier actuel, et confirmez.
setup-crosspoint-menu = Sur la liseuse, <b>Settings</b> → <b>System</b> → <b>KOReader Sync</b>. Ou ouvrez-y <b>File Transfer</b>, et dans un navigateur la page des réglages de la liseuse, où vous pouvez coller.
setup-crosspoint-fields =
    { $method ->
        [filename] Saisissez le nom, le mot de passe et l’adresse comme <b>Username</b>, <b>Password</b> et <b>Sync Server URL</b>. Réglez <b>Document Matching</b> sur <b>Filename</b>, comme sur vos autres appareils.
        [binary] Saisissez le nom, le mot de passe et l’adresse comme <b>Username</b>, <b>Password</b> et <b>Sync Server URL</b>. Réglez <b>Document Matching</b> sur <b>Binary</b>, comme sur vos autres appareils.
       *[default] Saisissez le nom, le mot de passe et l’adresse comme <b>Username</b>, <b>Password</b> et <b>Sync Server URL</b>. Réglez <b>Document Matching</b> sur <b>Binary</b>, comme le font KOReader et Readest.
    }
setup-crosspoint-login = Choisissez <b>Authenticate</b>. Dans un livre, <b>Sync Progress</b> dans le menu synchronise ensuite.
setup-readest-menu = Ouvrez les réglages → intégrations (<b>Integrations</b>) → <b>KOReader Sync</b>.
setup-readest-fields = Saisissez l’adresse, le nom et le mot de passe dans les trois champs (<b>Server URL</b>, <b>Username</b>, <b>Password</b>), et connectez (<b>Connect</b>).
setup-readest-browser = Readest dans un navigateur n’atteint ce serveur que si <code>cors_origins</code>, dans la configuration du serveur, nomme son adresse.
setup-other-fields = Cherchez les réglages de la synchronisation KOReader ou « kosync », et saisissez l’adresse, le nom et le mot de passe.
setup-other-login = Connectez-vous. Ne vous inscrivez pas : vous avez un compte.
setup-merge-heading = Lignes à insérer dans les fichiers de KOReader
setup-merge = Pour un KOReader qui a déjà ces fichiers : fermez-le et ajoutez les lignes aux tables présentes. Si ses statistiques étaient synchronisées ailleurs, supprimez <code>settings/statistics.sqlite3.sync</code>. Les lignes contiennent le mot de passe.
setup-another = Configurer un autre appareil

# Le fichier texte du ZIP.
setup-readme = Réglages de KOReader pour « { $name } », qui se synchronise avec { $address }. Gardez-les pour vous : ils contiennent le mot de passe de l’appareil.
setup-readme-in-use = Les fichiers remplacent settings/kosync.lua et complètent tous les autres réglages : patches/2-kosync-setup.lua le fait au prochain démarrage de KOReader, puis se supprime.
setup-readme-new = Les fichiers sont pour un KOReader qui n’a jamais été démarré. Dans un KOReader déjà utilisé, settings.reader.lua et settings/cloudstorage.lua remplaceraient tous ses réglages.
