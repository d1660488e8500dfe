"""Words around person names in ten languages: what leads to a name, what follows one, and what only looks like one."""

from __future__ import annotations

import re

from transforms.text.words import phrases, words

GREETINGS = words(
    """
    hi hello hey dear hiya howdy morning afternoon evening greetings yo heya hola estimado estimada querido querida estimados buenas
    buenos apreciado apreciada olá ola oi oie prezado prezada caro cara querido querida bom boa bonjour cher chère chere salut bonsoir
    coucou chers hallo merhabalar sn selamlar liebe lieber geehrte geehrter moin servus hi guten grüezi namaste namaskar pranam priya
    नमस्ते नमस्कार प्रिय हैलो हेलो مرحبا مرحباً عزيزي عزيزتي أهلا أهلاً اهلا هلا عزيزى حبيبي hai halo hallo yth kepada selamat hei
    merhaba selam sayın sayin sevgili değerli günaydın
    """
)
# Words that may stand between a greeting and a name.
FILLERS = words(
    "morning afternoon evening day días dias tardes noches dia tarde noite tag morgen abend pagi siang sore malam again my "
    "geehrte geehrter "
    "geehrter mi meu minha mon ma mein meine ho kasih شادي السيد السيدة"
)
TITLES = words(
    """
    mr mrs ms miss dr prof doç doc uzm sir madam mister auntie aunt uncle aunty grandma grandpa nurse officer capt sgt rev mx sr sra
    srta don doña dña d dra ing lic señor señora señorita tía tío dona seu senhor senhora professora tia tio m mme mlle monsieur
    madame mademoiselle docteur maître me tante tonton herr frau herrn fräulein doktor onkel oma opa shri shree sri smt kumari श्री
    श्रीमती डॉ सुश्री कुमारी डॉक्टर السيد السيدة الأستاذ الأستاذة الدكتور الدكتورة د أ الآنسة المهندس الشيخ أستاذ دكتور دكتورة أم أبو
    bapak bpk pak ibu bu mas mbak kak kakak sdr sdri tuan nyonya bang bung om tante dik drg
    """
)
HONORIFICS = words(
    """
    ji jee bhai bhaiya sahab saheb sahib didi bey beye beyi beyin bey'e bey'i bey'in hanım hanıma hanımı hanımın hanım'a hanım'ı
    hanım'ın hanim abi abla efendi amca teyze usta जी भाई साहब दीदी भैया madam sir
    """
)
# Introductions after which almost anything is a name.
STRONG = (
    "my name is|my name's|name is|name's|names|full name is|mi nombre es|me llamo|mi nombre completo es|a nombre de|nombre|meu nome é|"
    "meu nome e|"
    "me chamo|em nome de|nome|je m'appelle|je me nomme|mon nom est|au nom de|ich heiße|ich heisse|mein name ist|auf den namen|name|naam|"
    "mera naam|nama lengkap|"
    "mera nam|मेरा नाम|नाम|اسمي|إسمي|اسمى|الاسم|باسم|nama saya|namaku|nama|atas nama|a/n|adım|adim|ismim|benim adım|isim|ismi|adı|adi|"
    "ad soyad|adı soyadı|"
    "attn|attention|signed|yours truly|surname|first name|last name|apellido|apellidos|prénom|vorname|nachname|soyadım|cardholder|"
    "account holder|"
    "titular|beneficiary|beneficiario|beneficiário|bénéficiaire|titulaire|kontoinhaber|empfänger|penerima|alıcı|recipient"
)
# Introductions that often lead elsewhere ("I'm late"): a capital or further signs are asked for.
WEAK = {
    "en": "i am|i'm|im|this is|it's|its|it is|here is|speaking is|myself",
    "es": "soy|aquí|aqui|aquí es|le habla|les habla|habla",
    "pt": "aqui é|aqui e|sou|eu sou|sou o|sou a|aqui é o|aqui é a|aqui quem fala é|fala|aqui fala",
    "fr": "c'est|je suis|ici|moi c'est",
    "de": "ich bin|hier ist|hier spricht",
    "hi": "main|mai|yeh|ye|yah|ये|मैं|यह|मै",
    "ar": "أنا|انا|معك|معاك",
    "id": "ini|saya|aku|dengan",
    "tr": "ben|benim|adıma",
}
CONTACT = (
    "call|ring|phone|contact|ask for|speak to|speak with|talk to|tell|text|whatsapp|message|email|mail|reach|meet|see|with|from|for|"
    "thanks|thank you|cc|"
    "ship it to|ship to|deliver to|send it to|send to|attn|hey|by|remind|ping|invite|ask|reply to|"
    "llama a|llame a|llamar a|pregunta por|pregunte por|hablar con|habla con|contacta a|contacte a|contactar a|avisa a|dile a|con|"
    "gracias|enviar a|envíalo a|para|de parte de|"
    "liga pra|ligue pra|liga para|ligue para|ligar para|ligue|fala com|fale com|falar com|pergunte por|avisa|avise|com|obrigado|"
    "obrigada|enviar para|entregar para|chama|chame|"
    "appelez|appelle|appeler|contactez|contacter|demandez|demander|parler à|joindre|avec|merci|prévenez|prévenir|livrer à|pour|dites à|"
    "ruf|rufen sie|ruf bitte|rufen sie bitte|frag|fragen sie nach|frag nach|mit|danke|an|kontaktieren sie|sag|von|für|z.hd|z. hd|"
    "hubungi|telepon|telpon|sama|dengan|bersama|ke|untuk|kabari|tanya|cari|dari|"
    "اتصل ب|اتصلوا ب|كلم|كلموا|راسل|مع|من|إلى|تواصل مع|"
    "arayın|ara|sorun|teşekkürler|adına"
)
# What somebody did with a person, or for one: a capitalised word after it is a name even where no contact stands in the text.
DEEDS = (
    "spoke to|spoke with|spoken to|spoken with|talked to|talked with|met with|chatted with|signed for by|signed by|collected by|handed to|"
    "say hi to|sitting with|meet up with|"
    "hablé con|hablo con|habló con|hablaste con|hablado con|hablamos con|quedé con|quedado con|me atendió|le atiende|te atiende|"
    "le atenderá|te atenderá|firmado por|recogido por|entregado a|díselo a|dígale a|decirle a|"
    "falei com|falou com|falado com|falamos com|conversei com|diga ao|diga à|diga pro|diga pra|avisar o|avisar a|atendido por|"
    "atendida por|recebido por|assinado por|retirado por|"
    "parlé à|parlé avec|discuté avec|dis à|dites-le à|remis à|signé par|réceptionné par|rencontré|"
    "gesprochen mit|telefoniert mit|angenommen von|"
    "bicara dengan|ngobrol dengan|bertemu dengan|diterima oleh|diambil oleh|titip ke|nama pemesan|nama penerima|nama pelanggan|"
    "teslim alan|teslim edilen kişi|randevusu olan|"
    "happy birthday|happy anniversary|congratulations|congrats|feliz cumpleaños|felicidades|enhorabuena|feliz aniversário|parabéns|"
    "joyeux anniversaire|félicitations|alles gute zum geburtstag|herzlichen glückwunsch|selamat ulang tahun|doğum günün kutlu olsun|"
    "iyi ki doğdun"
)
# "mit Detlef Bruns gesprochen"
TALKED = words("gesprochen telefoniert geredet verabredet gechattet")
RELATIVES = (
    "driver|courier|rider|technician|therapist|agent|stylist|instructor|conductor|repartidor|motorista|entregador|chauffeur|livreur|"
    "fahrer|fahrerin|kurir|supir|kurye|sürücü|السائق|المندوب|"
    "wife|husband|son|daughter|mother|mom|mum|father|dad|brother|sister|friend|boss|manager|partner|neighbour|neighbor|assistant|"
    "colleague|doctor|teacher|agent|cousin|nanny|driver|"
    "esposa|esposo|marido|mujer|hijo|hija|madre|padre|hermano|hermana|amigo|amiga|jefe|jefa|vecino|vecina|primo|prima|"
    "filho|filha|mãe|mae|pai|irmão|irmã|irma|chefe|vizinho|vizinha|"
    "femme|mari|fils|fille|mère|père|frère|soeur|sœur|ami|amie|voisin|voisine|collègue|"
    "mann|sohn|tochter|mutter|vater|bruder|schwester|freund|freundin|chef|chefin|nachbar|nachbarin|kollege|kollegin|"
    "patni|pati|beta|beti|bhai|behen|dost|पत्नी|पति|बेटा|बेटी|भाई|बहन|दोस्त|"
    "زوجتي|زوجي|ابني|ابنتي|أخي|أختي|صديقي|صديقتي|والدي|والدتي|أمي|أبي|"
    "plumber|electrician|gardener|babysitter|fontanero|electricista|monitora|profesora|plombier|électricien|encanador|eletricista|"
    "klempner|elektriker|aunt|uncle|nephew|niece|roommate|girlfriend|boyfriend|landlord|landlady|grandson|granddaughter|"
    "novio|novia|cuñado|cuñada|abuela|abuelo|tía|tío|nieto|nieta|compañero|compañera|asesor|asesora|mensajero|"
    "namorado|namorada|marido|avó|avô|neto|neta|cunhado|cunhada|atendente|"
    "conseiller|conseillère|cousin|cousine|tante|oncle|neveu|nièce|belle-mère|beau-frère|"
    "enkel|enkelin|onkel|schwager|schwägerin|mitbewohner|mitbewohnerin|beraterin|berater|fahrradkurier|"
    "kuryeniz|kuryemiz|sürücünüz|şoförünüz|danışmanınız|yeğenim|komşum|teyzem|dayım|"
    "istri|suami|anak|adik|teman|tetangga|istri saya|suami saya|anak saya|adik saya|kakak saya|teman saya|"
    "eşim|esim|karım|kocam|oğlum|kızım|annem|babam|kardeşim|arkadaşım|abim|ablam"
)
SIGN_OFFS = (
    "regards|best|cheers|sincerely|thanks|thank you|thx|yours|love|best wishes|many thanks|kind regards|best regards|warm regards|"
    "respectfully|"
    "saludos|atentamente|cordialmente|un saludo|un abrazo|gracias|muchas gracias|abraços|abraço|att|atenciosamente|obrigado|obrigada|"
    "cumprimentos|grato|grata|"
    "cordialement|bien à vous|bises|bisous|merci|salutations|amicalement|grüße|grüßen|grüsse|gruß|lg|mfg|vg|danke|viele grüße|"
    "dhanyavaad|dhanyawad|shukriya|धन्यवाद|शुक्रिया|आपका|शुभकामनाएं|شكرا|شكراً|تحياتي|مع تحيات|مع التحية|أطيب التحيات|salam|"
    "terima kasih|makasih|hormat kami|hormat saya|"
    "saygılarımla|saygılar|teşekkürler|sevgiler|selamlar|iyi günler|よろしく|敬具"
)
PARTICLES = words(
    """
    de da do dos das del della di du des la le las los van von der den ten ter zu zum y e bin ibn bint al el ben abu st o' mc د آل عبد
    أبو بن ابن ال
    """
)
CONNECTORS = words(
    """
    de da do dos das del della di du des van von der den ten ter zu bin ibn bint al el la le las los y ben abu آل بن ابن عبد أبو ابو
    أم بنت
    """
)

ROLES = words(
    """
    customer customers client clients team all everyone everybody there friend friends sir madam member members user users guest
    guests subscriber valued folks guys people colleague colleagues support service sales shop store bank company group staff desk
    center centre office department delivery courier driver agent admin manager partner parent parents passenger traveller traveler
    patient student students applicant candidate resident cliente clientes equipo todos todas amigo amiga amigos usuario usuaria señor
    señora señores socio socia soporte tienda banco empresa equipe time amigos pessoal gente turma usuário usuária senhor senhora
    assinante loja suporte associado client cliente clients tous toutes équipe collègue collègues monsieur madame mesdames messieurs
    ami amie abonné abonnée utilisateur magasin kunde kundin kunden team zusammen alle alles herren damen freunde mitglied nutzer
    freund kollegen kundenservice grahak ग्राहक ग्राहकों सदस्य सभी मित्र दोस्त दोस्तों टीम साथियों महोदय महोदया عميل عميلنا المدير
    المديرة المسؤول الضيف المريض العميل عملائنا عملاءنا الجميع الزبون المشترك زميل صديق صديقي فريق المتابعين زبوننا pelanggan semua
    semuanya tim anggota pengguna nasabah teman sahabat rekan saudara bapak ibu pak bu kak bapak/ibu müşterimiz müşteri müşterileri
    reception receptionist security resident occupant mailroom neighbour neighbor recepción recepcion conserje portería portero
    vecino vecina portaria porteiro recepção receção vizinho vizinha accueil gardien gardienne concierge voisin voisine empfang
    nachbar nachbarin nachbarn pförtner hausmeister satpam resepsionis tetangga penerima pemesan pengirim komşu komşusu güvenlik
    kapıcı müşterilerimiz herkes arkadaşlar arkadaşım ekip ekibi üye üyemiz kullanıcı dostum dostlar yolcu yolcumuz
    """
)
ORGANISATION = words(
    "team support service services shop store bank inc ltd llc gmbh ag sa corp company group express delivery desk center "
    "centre hotel clinic airlines "
    "university school restaurant cafe pharmacy insurance equipo tienda banco soporte loja equipe magasin banque "
    "kundenservice filiale toko ekibi mağazası "
    "bot assistant helpdesk care mall market online digital app office "
    "mail post poste correos correios chronopost colissimo hermes evri yodel fedex sedex"
)
# After a greeting and before a stop these are names after all.
ALSO_NAMES = words(
    """
    bill will mark may april june august rose hope joy summer grace faith jan sun sue case guy dale glen cliff brook hill ford max art
    ray
    """
)
# Titles that are also ordinary small words: only a capitalised name may follow.
SMALL_TITLES = words(
    """
    don d ing lic seu me m ma om bang tante oma opa mas bu ibu kak tia tio sir madam officer nurse rev miss a أ د أم أبو doc dra
    """
)
# Phrases after which a capitalised word is a person even where no contact stands in the text.
LEADS_TO_NAME = phrases(
    "call|ring|contact|tell|ask|remind|ping|invite|ask for|speak to|speak with|talk to|thank you|thanks|llama a|llame a|pregunta por|"
    "pregunte por|dile a|avisa a|hablar con|liga pra|liga para|ligue para|ligue pra|fala com|fale com|falar com|pergunte por|avise|"
    "appelez|appelle|contactez|demandez|prévenez|parler à|ruf|frag nach|fragen sie nach|hubungi|sama|kabari|كلم|كلموا|gracias|merci|"
    "danke|obrigado|obrigada"
)
MEETING = words(
    """
    appointment meeting session consultation cita reunión consulta reunião rdv rendez-vous rendezvous réunion termin besprechung janji
    temu randevu booked
    """
)
# "Priya here": the name before opens the text.
SELF_HERE = words("here speaking hu hun hoon hoo हूँ हूं bol bolraha bolrahi yahan yahaan yaha बोल burada hier ici aquí aqui")
# "im shaniqua the one who called": what goes on after an introduction in small letters.
WEAK_FOLLOWERS = words("the from here desde von aus who bol bolraha bolrahi bolrahe bol-raha speaking de hai है बोल hoon हूँ हूं")
# After these a plain space leads to the one who is thanked, not to the one who signs.
THANKS = words(
    """
    thanks you thx gracias obrigado obrigada merci danke makasih kasih teşekkürler شكرا شكراً धन्यवाद love best yours
    """
)
# What stands behind a name in Hindi and Turkish where other languages put a word before it.
POSTPOSITIONS = words("ko se ka ki ke को से का की के ile için icin adına adina hesabına üzerine tarafından naam नाम")
TURKISH_ENDING = re.compile(r"'(?:y?[iıuü]|y?[ea]|n[ıiuü]n|[ıiuü]n|[dt][ea]n?|yl[ea])$")
# "Maria, your order is ready": after the comma somebody is addressed.
ADDRESSED = re.compile(
    r"(?:your|you|we|this|tu|tus|su|sus|te|le|seu|sua|você|votre|vos|vous|ihr|ihre|dein|deine|sie|aapka|aapki|aapke|आपका|आपकी|आपके|"
    r"pesanan|anda|paket|lütfen|"
    r"\w{3,}(?:nız|niz|nuz|nüz|ınız|iniz|unuz|ünüz)|طلبك|موعدك|فاتورتك)"
)
# One-word leads after which a name in small letters is believed where a contact stands beside it.
SMALL_LEADS = words("from sama dengan bersama cc attn ring contact chame chama ligue hubungi kabari")
