"""Words that streets, units and address lines are made of, in ten languages, in lower case."""

from __future__ import annotations

from transforms.text.words import words

# Standing alone, these say "street" wherever they are ("rue de ...", "... road").
STREETS = words(
    """
    street road avenue ave lane boulevard blvd highway hwy parkway pkwy terrace crescent cres alley alleyway turnpike expressway
    freeway mews rd ln cul-de-sac c/ cl av avd pasadizo acceso cuesta vial periférico periferico viaducto diagonal corredor peatonal
    bajada calle avenida avda callejón callejon calzada carrera paseo plaza camino carretera glorieta ronda rambla pasaje jirón jiron
    urbanización urbanizacion urb colonia fraccionamiento privada prolongación prolongacion circuito andador retorno cerrada rua
    travessa alameda praça praca estrada rodovia largo ladeira viela beco quadra condomínio rue boulevard allée allee impasse chemin
    quai rang sentier esplanade faubourg ruelle venelle straße strasse str gasse allee chaussee jalan jl jln gang gg komplek kompleks
    perumahan perum kelurahan kecamatan kel kec rt rw dusun blok sokak sokağı sokagi sok sk cadde caddesi cad cd mahalle mahallesi mah
    bulvar bulvarı bulvari blv sitesi apartmanı apartmani çıkmazı nagar marg gali galli chowk colony ganj salai vihar enclave sector
    mohalla chawl bagh zila layout puram मार्ग नगर गली चौक रोड कॉलोनी मोहल्ला सेक्टर विहार पथ बाज़ार شارع طريق حي جادة زقاق ميدان حارة
    شارِع via viale piazza corso
    """
)
# In small letters these are ordinary words ("cuesta" costs, "via", "largo").
ALSO_ORDINARY = words(
    "cuesta acceso corredor circuito retorno privada cerrada largo quadra via viale corso vial bajada c cl sector layout "
    "path bagh blok sk cd gg kel kec cad mews"
)
# These say "street" only behind a capitalised word that follows a house number ("8 Charlene Wells"), or behind an address word.
ENDINGS = words(
    """
    st dr ct pl sq drive court place square way close circle cir trail trl path walk row green grove hill hills park gardens garden
    view views bridge bend bypass camp cape cliff cliffs common corner corners cove creek crest crossing cross crossroad crossroads
    curve dale dam divide estate estates extension extensions falls ferry field fields flat flats ford forest forge fork forks fort
    gateway glen harbor harbors harbour haven heights hollow inlet island islands isle junction junctions key keys knoll knolls lake
    lakes land landing light lights loaf lock locks lodge loop mall manor manors meadow meadows mill mills mission motorway mount
    mountain mountains neck orchard oval overpass parks pass passage pike pine pines plain plains plaza point points port ports
    prairie radial ramp ranch rapid rapids rest ridge ridges river rue run shoal shoals shore shores skyway spring springs spur spurs
    station stravenue stream summit throughway trace track trafficway tunnel underpass union unions valley valleys via viaduct village
    villages ville vista walks wall well wells brook brooks burg burgs bluff bluffs bottom branch beach bayou anex club causeway
    rapids route shores rang platz ring ufer damm steig markt
    """
)
# German streets are one word: "Richterplatz", "Ralph-Kaufmann-Weg".
GLUED = (
    "straße",
    "strasse",
    "str",
    "weg",
    "platz",
    "allee",
    "gasse",
    "ring",
    "ufer",
    "damm",
    "chaussee",
    "steig",
    "markt",
    "berg",
    "graben",
    "zeile",
    "stieg",
    "pfad",
    "hof",
    "laan",
    "straat",
    "plein",
    "gade",
    "gatan",
    "vägen",
)
UNITS = words(
    """
    apt apartment suite ste unit flat studio floor room box po p.o psc cmr house h.no hno no nr num n° building bldg block tower level
    lot plot door shop piso puerta planta portal bloque edificio edif interior int exterior ext depto departamento dpto casa esc
    escalera local lote manzana mz apto apartamento bloco andar sala lote qd km s/n appt appartement bât bat bâtiment étage escalier
    résidence bis ter cedex wohnung whg etage og eg haus hinterhaus stiege top daire kat no: d k मकान फ्लैट शقة شقه عمارة مبنى بناية
    فيلا منزل الدور दور
    """
)
INSIDE = words(
    """
    de da do dos das del della di du des la le las los l' d' y e of the and upon on sur sous en am an der den dem zur zum im in bei
    von auf s/n al el bin et les lès under near
    """
)
# What follows these is where somebody lives or gets parcels.
CUES = (
    r"(?:(?:delivery|shipping|home|billing|mailing|postal|my|new|street|residential|their|his|her|our) )?address(?: is|:| -)*|"
    r"ship(?:ped|ping)?(?: it| this| them)? to|deliver(?:ed|y)?(?: it| this| them| everything)? (?:to|at)|"
    r"send (?:it|this|them) to|(?:i |we |i'm |we're |he |she )?(?:live|lives|living|reside|resides|staying|stay) (?:at|in|on)|moved to|"
    r"come to|pick(?: me)? up (?:at|from)|drop (?:it )?(?:off )?at|"
    r"(?:mi |nueva |su |la )?(?:dirección|direccion|domicilio)(?: es|:| de entrega:?| nueva:?| de envío:?)*|vivo en|vive en|estoy en|"
    r"enviar a|envíalo a|enviarlo a|entregar en|entrega en|recoger en|"
    r"(?:meu |novo |seu )?endereço(?: é|:| de entrega:?)*|endereco(?: e|:)*|moro na|moro no|moro em|entregar na|entregar no|entregar em|"
    r"entrega na|mora na|estou na|"
    r"(?:mon |nouvelle |votre |l')?adresse(?: est|:| de livraison:?)*|livrer au|livrer à|livrer a|livraison au|livraison à|"
    r"j'habite(?: au| à)?|habite au|envoyez au|"
    r"(?:meine |neue |unsere |ihre )?(?:liefer|rechnungs|post|wohn)?(?:adresse|anschrift)(?: ist| lautet|:)*|wohne in der|wohne in|"
    r"wohne am|wohnt in der|liefern an|lieferung an|bitte an|"
    r"(?:delivery )?address|pata|ghar ka pata|mera address|पता(?: है|:)*|घर का पता|"
    r"(?:العنوان|عنواني|عنوان التوصيل|عنوان المنزل|عنوان)(?: هو|:)*|أسكن في|اسكن في|التوصيل إلى|توصيل الى|ساكن في|"
    r"(?:alamat(?: saya| rumah| pengiriman| baru| lengkap)?)(?: di|:| adalah)*|kirim ke|dikirim ke|antar ke|tinggal di|rumah saya di|"
    r"(?:teslimat |ev |yeni |fatura |açık )?adres(?:im|i|imiz)?(?: şu|:)*|teslimat:|oturuyorum"
)
