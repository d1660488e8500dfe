"""Words around person names in ten languages: what leads to a name, what follows one, and what only looks like one."""

from __future__ import annotations

GREETINGS = frozenset(
    """
    hi hello hey dear hiya howdy morning afternoon evening greetings yo heya
    hola estimado estimada querido querida estimados buenas buenos apreciado apreciada
    olá ola oi oie prezado prezada caro cara querido querida bom boa
    bonjour cher chère chere salut bonsoir coucou chers
    hallo liebe lieber geehrte geehrter moin servus hi guten grüezi
    namaste namaskar pranam priya नमस्ते नमस्कार प्रिय हैलो हेलो
    مرحبا مرحباً عزيزي عزيزتي أهلا أهلاً اهلا هلا عزيزى حبيبي
    hai halo hallo yth kepada selamat hei
    merhaba selam sayın sayin sevgili değerli günaydın
    """.split()
)
# Words that may stand between a greeting and a name.
GREETING_FILLERS = frozenset(
    "morning afternoon evening day días dias tardes noches dia tarde noite tag morgen abend pagi siang sore malam again my geehrte geehrter "
    "geehrter mi meu minha mon ma mein meine ho kasih شادي السيد السيدة".split()
)
TITLES = frozenset(
    """
    mr mrs ms miss dr prof sir madam mister auntie aunt uncle aunty grandma grandpa nurse officer capt sgt rev mx
    sr sra srta don doña dña d dra ing lic señor señora señorita tía tío
    dona seu senhor senhora professora tia tio
    m mme mlle monsieur madame mademoiselle docteur maître me tante tonton
    herr frau herrn fräulein doktor onkel oma opa
    shri shree sri smt kumari श्री श्रीमती डॉ सुश्री कुमारी डॉक्टर
    السيد السيدة الأستاذ الأستاذة الدكتور الدكتورة د أ الآنسة المهندس الشيخ أستاذ دكتور دكتورة أم أبو
    bapak bpk pak ibu bu mas mbak kak kakak sdr sdri tuan nyonya bang bung om tante dik drg
    """.split()
)
HONORIFICS = frozenset(
    "ji jee bhai bhaiya sahab saheb sahib didi bey hanım hanim abi abla efendi amca teyze usta जी भाई साहब दीदी भैया madam sir".split()
)
# Introductions after which almost anything is a name.
STRONG = (
    "my name is|my name's|name is|name's|names|full name is|mi nombre es|me llamo|mi nombre completo es|a nombre de|nombre|meu nome é|meu nome e|"
    "me chamo|em nome de|nome|je m'appelle|je me nomme|mon nom est|au nom de|ich heiße|ich heisse|mein name ist|auf den namen|name|naam|mera naam|"
    "mera nam|मेरा नाम|नाम|اسمي|إسمي|اسمى|الاسم|باسم|nama saya|namaku|nama|atas nama|a/n|adım|adim|ismim|benim adım|isim|ad soyad|adı soyadı|"
    "attn|attention|signed|yours truly|surname|first name|last name|apellido|apellidos|prénom|vorname|nachname|soyadım|cardholder|account holder|"
    "titular|beneficiary|beneficiario|beneficiário|bénéficiaire|titulaire|kontoinhaber|empfänger|penerima|alıcı|recipient"
)
# Introductions that often lead elsewhere ("I'm late"): a capital or further signs are asked for.
WEAK = (
    "i am|i'm|im|this is|it's|its|it is|here is|speaking is|soy|aquí|aqui|aquí es|le habla|les habla|habla|aqui é|aqui e|sou|eu sou|sou o|sou a|aqui é o|"
    "aqui é a|aqui quem fala é|fala|aqui fala|c'est|je suis|ici|moi c'est|ich bin|hier ist|hier spricht|bin|main|mai|mein|मैं|यह|मै|أنا|انا|معك|معاك|"
    "ini|saya|aku|dengan|ben|benim|adıma"
)
CONTACT = (
    "call|ring|phone|contact|ask for|speak to|speak with|talk to|tell|text|whatsapp|message|email|mail|reach|meet|see|with|from|for|thanks|thank you|cc|"
    "ship it to|ship to|deliver to|send it to|send to|or|and|attn|hey|by|remind|ping|invite|ask|reply to|"
    "llama a|llame a|llamar a|pregunta por|pregunte por|hablar con|habla con|contacta a|contacte a|contactar a|avisa a|dile a|con|gracias|enviar a|envíalo a|para|de parte de|"
    "liga pra|ligue pra|liga para|ligue para|ligar para|ligue|fala com|fale com|falar com|pergunte por|avisa|avise|com|obrigado|obrigada|enviar para|entregar para|chama|chame|"
    "appelez|appelle|appeler|contactez|contacter|demandez|demander|parler à|joindre|avec|merci|prévenez|prévenir|livrer à|pour|dites à|"
    "ruf|rufen sie|ruf bitte|rufen sie bitte|frag|fragen sie nach|frag nach|mit|danke|an|kontaktieren sie|sag|von|für|z.hd|z. hd|"
    "hubungi|telepon|telpon|sama|dengan|bersama|ke|untuk|kabari|tanya|cari|dari|"
    "اتصل ب|اتصلوا ب|كلم|كلموا|راسل|مع|من|إلى|تواصل مع|"
    "arayın|ara|sorun|ile|için|teşekkürler|teşekkürler"
)
RELATIVES = (
    "wife|husband|son|daughter|mother|mom|mum|father|dad|brother|sister|friend|boss|manager|partner|neighbour|neighbor|assistant|colleague|doctor|teacher|agent|cousin|nanny|driver|"
    "esposa|esposo|marido|mujer|hijo|hija|madre|padre|hermano|hermana|amigo|amiga|jefe|jefa|vecino|vecina|primo|prima|"
    "filho|filha|mãe|mae|pai|irmão|irmã|irma|chefe|vizinho|vizinha|"
    "femme|mari|fils|fille|mère|père|frère|soeur|sœur|ami|amie|voisin|voisine|collègue|"
    "mann|sohn|tochter|mutter|vater|bruder|schwester|freund|freundin|chef|chefin|nachbar|nachbarin|kollege|kollegin|"
    "patni|pati|beta|beti|bhai|behen|dost|पत्नी|पति|बेटा|बेटी|भाई|बहन|दोस्त|"
    "زوجتي|زوجي|ابني|ابنتي|أخي|أختي|صديقي|صديقتي|والدي|والدتي|أمي|أبي|"
    "istri|suami|anak|adik|teman|tetangga|istri saya|suami saya|anak saya|adik saya|kakak saya|teman saya|"
    "eşim|esim|karım|kocam|oğlum|kızım|annem|babam|kardeşim|arkadaşım|abim|ablam"
)
SIGN_OFFS = (
    "regards|best|cheers|sincerely|thanks|thank you|thx|yours|love|best wishes|many thanks|kind regards|best regards|warm regards|respectfully|"
    "saludos|atentamente|cordialmente|un saludo|un abrazo|gracias|muchas gracias|abraços|abraço|att|atenciosamente|obrigado|obrigada|cumprimentos|grato|grata|"
    "cordialement|bien à vous|bises|bisous|merci|salutations|amicalement|grüße|grüßen|grüsse|gruß|lg|mfg|vg|danke|viele grüße|"
    "dhanyavaad|dhanyawad|shukriya|धन्यवाद|शुक्रिया|आपका|शुभकामनाएं|شكرا|شكراً|تحياتي|مع تحيات|مع التحية|أطيب التحيات|salam|terima kasih|makasih|hormat kami|hormat saya|"
    "saygılarımla|saygılar|teşekkürler|sevgiler|selamlar|iyi günler|よろしく|敬具"
)
PARTICLES = frozenset("de da do dos das del della di du des la le las los van von der den ten ter zu zum y e bin ibn bint al el ben abu st o' mc د آل عبد أبو بن ابن ال".split())
CONNECTORS = frozenset("de da do dos das del della di du des van von der den ten ter zu bin ibn bint al el la le las los y ben abu آل بن ابن".split())

ROLES = frozenset(
    """
    customer customers client clients team all everyone everybody there friend friends sir madam member members user users guest guests subscriber valued
    folks guys people colleague colleagues support service sales shop store bank company group staff desk center centre office department delivery
    courier driver agent admin manager partner parent parents passenger traveller traveler patient student students applicant candidate resident
    cliente clientes equipo todos todas amigo amiga amigos usuario usuaria señor señora señores socio socia soporte tienda banco empresa
    equipe time amigos pessoal gente turma usuário usuária senhor senhora assinante loja suporte associado
    client cliente clients tous toutes équipe monsieur madame mesdames messieurs ami amie abonné abonnée utilisateur magasin
    kunde kundin kunden team zusammen alle alles herren damen freunde mitglied nutzer freund kollegen kundenservice
    grahak ग्राहक ग्राहकों सदस्य सभी मित्र दोस्त दोस्तों टीम साथियों महोदय महोदया
    عميل عميلنا العميل عملائنا عملاءنا الجميع الزبون المشترك زميل صديق صديقي فريق المتابعين زبوننا
    pelanggan semua semuanya tim anggota pengguna nasabah teman sahabat rekan saudara bapak ibu pak bu kak bapak/ibu
    müşterimiz müşteri müşterileri müşterilerimiz herkes arkadaşlar arkadaşım ekip ekibi üye üyemiz kullanıcı dostum dostlar yolcu yolcumuz
    """.split()
)
ORGANISATION = frozenset(
    "team support service services shop store bank inc ltd llc gmbh ag sa corp company group express delivery desk center centre hotel clinic airlines "
    "university school restaurant cafe pharmacy insurance equipo tienda banco soporte loja equipe magasin banque kundenservice filiale toko ekibi mağazası "
    "bot assistant helpdesk care mall market online digital app".split()
)
NOT_NAMES = frozenset(
    """
    a an the this that these those i you he she it we they me him her us them my your his its our their mine yours who what which when where why how
    is am are was were be been being do does did done have has had having will would can could shall should may might must not no yes yeah yep nope ok okay
    and or but so if then than as at by for from in into of off on onto out over to up with about after before again also just only very too still even
    now here there today tomorrow tonight yesterday soon later always never ever already back down away all any both each every few many more most much
    some such other another same new old good bad great nice fine happy sad sorry late early ready busy free sure sick tired hungry done gone lost stuck
    home online outside inside near far open closed available interested glad pleased afraid able unable aware waiting coming going looking trying
    please thanks thank thx ty welcome congrats congratulations hello hi hey dear bye goodbye lol haha hmm wow oops oh ah um well
    need want get got give gave take took make made go went come came see saw know knew think thought say said tell told ask asked let help call called
    text send sent reply stop start join info yes no cancel confirm unsubscribe subscribe help keep use used using try like love hate work working
    buy sell pay paid check click tap visit download update enter verify log login sign reset change order book track return refund cancel
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun january february march april may june july august september
    october november december jan feb mar apr jun jul aug sep sept oct nov dec morning afternoon evening night noon midnight week weekend month year day
    hour minute second time date one two three four five six seven eight nine ten first last next once twice
    reminder important urgent notice alert warning attention final last update security account password code offer sale deal discount promo free win won
    mom mum dad wife husband son daughter brother sister boss friend baby man woman girl boy kid kids dude bro mate buddy guy guys
    package parcel delivery shipping address phone number email mail name id card bank visa mastercard paypal apple google amazon whatsapp facebook instagram
    appointment meeting booking reservation invoice bill payment price total item items size color dress product service app website link file photo
    black white red blue green yellow christmas easter ramadan diwali eid
    el la los las un una unos unas lo al del de en y o u que qué quien quién cual cuál cuando cuándo donde dónde como cómo por para con sin sobre entre
    hasta desde muy más menos mas no sí si ya aún todavía también tampoco bien mal mejor peor hoy mañana ayer ahora luego después antes aquí allí está estoy
    estamos están son es soy somos era fue ser estar hay tengo tiene tienes tenemos quiero quiere necesito puede puedo pueden su sus mi mis tu tus nuestro
    nuestra este esta estos estas ese esa eso esto nuevo nueva favor gracias hola pedido cita código clave cuenta tarjeta factura precio
    listo lista tarde temprano urgente interesado interesada casa oficina lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril
    mayo junio julio agosto septiembre octubre noviembre diciembre oferta tienda envío
    o a os as um uma uns umas no na nos nas do da dos das em e ou que quem qual quando onde como por para com sem sobre muito mais menos não sim já ainda
    também bem mal hoje amanhã ontem agora depois antes aqui ali está estou estamos estão são é sou somos era foi ser estar há tenho tem temos quero preciso
    pode posso seu sua seus suas meu minha meus minhas nosso nossa este esta isto esse essa isso novo nova favor obrigado obrigada pronto pronta você vocês
    segunda terça quarta quinta sexta sábado domingo janeiro fevereiro março maio junho julho setembro outubro novembro dezembro consulta conta cartão
    le la les un une des du de d l au aux en et ou que qui quoi quel quelle quand où comment pour par avec sans sur sous entre très plus moins ne pas non oui
    si déjà encore aussi bien mal aujourd'hui demain hier maintenant après avant ici là est suis sommes sont êtes était être avoir ai as a avons avez ont veux
    peux peut votre vos notre nos mon ma mes ton ta tes son sa ses leur leurs ce cet cette ces nouveau nouvelle merci prêt prête je tu il elle on nous vous ils
    lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre octobre novembre décembre rdv
    rendez-vous commande compte carte madame monsieur c'est chez moi toi lui eux pressé malade désolé désolée content contente
    der die das den dem des ein eine einen einem einer und oder aber wenn dann als am an auf aus bei bis durch für gegen im in mit nach ohne über um unter von
    vor zu zum zur ist bin sind seid war waren sein haben hat habe hatte wird werden wurde kann können muss müssen soll sollen will wollen nicht kein keine ja
    nein doch schon noch auch nur sehr mehr weniger gut schlecht heute morgen gestern jetzt gleich später hier da dort ich du er sie es wir ihr mich dich ihn
    uns euch mein meine dein deine sein ihre ihr unser unsere euer dieser diese dieses neu neue neuen bitte danke fertig krank spät unterwegs froh sicher
    montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz april mai juni juli august september oktober november dezember
    termin rechnung bestellung konto karte adresse nummer paket kunde frau herr wer was wo wie warum standort
    hai hain tha thi the ho hoon hun hu ka ki ke ko se me mein par aur ya nahi nahin haan ji kya kab kahan kaise kyun kaun yeh ye woh wo mera meri mere aapka
    aapki aapke tera teri hum tum aap main mai abhi aaj kal parso bhi hi to toh ek do sab kuch bahut accha theek thik chahiye karo kar raha rahi rahe gaya gayi
    gaye hua hui diya liya lo do jaldi yaha yahan waha wahan driver bhejo jana aana
    है हैं था थी थे हो हूँ हूं का की के को से में पर और या नहीं हाँ हां जी क्या कब कहाँ कैसे क्यों कौन यह ये वह वो मेरा मेरी मेरे आपका आपकी आपके हम तुम आप मैं अभी आज कल भी ही तो
    एक दो सब कुछ बहुत अच्छा ठीक चाहिए कर रहा रही रहे गया गयी गए हुआ हुई दिया लिया नया नई नंबर फोन मोबाइल ईमेल पता कृपया धन्यवाद ऑर्डर बिल यहाँ यहां वहाँ घर दुकान
    في من على إلى الى عن مع هذا هذه ذلك تلك هو هي هم أنا انا أنت انت نحن كان كانت يكون هل ما ماذا متى أين كيف لماذا نعم لا لم لن قد و أو او ثم بعد قبل عند عندي
    لدي لديك كل بعض غير جدا جداً اليوم غدا غداً أمس الآن هنا هناك الذي التي المحترم المحترمة موعدك موعدكم طلبك رقم رقمي ورقمي وبريدي بريدي هاتفي وهاتفي جوالي وجوالي شكرا
    العميل الكريم تم حساب حسابك رمز متأخر جاهز مريض مشغول الطريق البيت العمل يوم الساعة لو سمحت سمحتم أريد اريد أحتاج جديد الجديد قادم موجود إيميلي وإيميلي ايميلي
    عنواني وعنواني عزيزي عزيزتي مساء صباح السلام عليكم الخير النور من فضلك بريد البريد ايميل الجوال الهاتف
    yang dan atau di ke dari untuk pada dengan ini itu adalah ada tidak bukan sudah belum akan bisa dapat harus mau ingin saya aku kamu anda dia kami kita mereka
    nya baru lama besok kemarin sekarang nanti tadi sini situ sana apa siapa kapan dimana kenapa bagaimana berapa ya iya tolong mohon terima kasih makasih selamat
    sangat sekali juga saja aja lagi masih hari jam tanggal bulan tahun pesanan nomor kode alamat rumah kantor toko pelanggan senin selasa rabu kamis jumat sabtu
    minggu januari februari maret mei juni juli agustus oktober desember datang pergi sakit siap telat utk jgn yg dgn kirim cek bayar pagi siang sore malam dekat
    bir bu şu o ve veya ya da de ile için gibi kadar göre sonra önce çok az daha en değil var yok evet hayır tamam ben sen biz siz onlar benim senin bizim sizin
    onun beni seni bana sana ne kim nerede nasıl neden niçin zaman bugün yarın dün şimdi burada orada yeni eski iyi kötü güzel lütfen teşekkürler teşekkür ederim
    mı mi mu mü hesap hesabınız kodunuz siparişiniz siparişim randevunuz numaram numara adres adresim kart evde işte yolda hasta hazır geç acil geliyorum
    pazartesi salı çarşamba perşembe cuma cumartesi pazar ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık iade
    tel telefon telefono teléfono telefone téléphone mobile mobil cell cel fax e-mail email mail correo handy hp wa whatsapp zap zapzap cep gsm
    st street ave avenue road rd lane drive dr court blvd apt suite floor unit box calle carrera avenida rua rue strasse straße weg platz allee sokak cadde mahalle jalan gang
    ssn iban bic swift ip pin otp tan cvv dob pan cpf cnpj rg cnh curp rfc dni nie nik ktp npwp nino passport aadhaar version url http https www gps pdf usb
    vip faq atm asap fyi eta etc msg data rates ref no nr nº número numéro numero nombre nome nom naam nama order ticket tracking
    """.split()
)
