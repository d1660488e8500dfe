"""Words that are not names although they stand where names stand, by language, and the vote on which language a text is in.

A word is only a stop word in a text of its own language: "Sur" is a name in a Hindi message and a preposition in a Spanish one.
"""

from __future__ import annotations

from collections.abc import Iterable

_WORDS = {
    "any": """
        gratis grátis gratuit gratuitement gratuito kostenlos kostenfrei ücretsiz free toll-free tollfree मुफ्त مجانا
        grüße grüßen grüsse grüssen gruß gruss grüß regards saludos abraços abraço atenciosamente atentamente cordialement
        cordialmente sincerely saygılarımla saygılar selamlar sevgiler
        pata alamat adres adresim adresi adresse anschrift lieferadresse address addr dirección direccion domicilio endereço
        endereco पता العنوان عنواني
        tel telefon telefono teléfono telefone téléphone mobile mobil cell cel fax e-mail email mail correo handy hp wa whatsapp
        zap zapzap cep gsm st street ave avenue road rd lane drive dr court blvd apt suite floor unit box calle carrera avenida
        rua rue strasse straße weg platz allee sokak cadde mahalle jalan gang ssn iban bic swift ip pin otp tan cvv dob pan cpf
        cnpj rg cnh curp rfc dni nie nik ktp npwp nino passport aadhaar version url http https www gps pdf usb vip faq atm asap
        fyi eta etc msg data rates ref no nr nº número numéro numero nombre nome nom naam nama order ticket tracking
    """,
    "en": """
        write dial speak talk reach contact ring message either
        world siri alexa finance hr sales marketing legal
        a an the this that these those i you he she it we they me him her us them my your his its our their mine yours who what
        which when where why how is am are was were be been being do does did done have has had having will would can could shall
        should may might must not no yes yeah yep nope ok okay and or but so if then than as at by for from in into of off on onto
        out over to up with about after before again also just only very too still even now here there today tomorrow tonight
        yesterday soon later always never ever already back down away all any both each every few many more most much some such
        other another same new old good bad great nice fine happy sad sorry late early ready busy free sure sick tired hungry gone
        lost stuck home online outside inside near far open closed available interested glad pleased afraid able unable aware
        waiting coming going looking trying please thanks thank thx ty welcome congrats congratulations hello hi hey dear bye
        goodbye lol haha hmm wow oops oh ah um well need want get got give gave take took make made go went come came see saw know
        knew think thought say said tell told ask asked let help call called text send sent reply stop start join info cancel
        confirm unsubscribe subscribe keep use used using try like love hate work working buy sell pay paid check click tap visit
        download update enter verify log login sign reset change order book track return refund monday tuesday wednesday thursday
        friday saturday sunday mon tue wed thu fri sat sun january february march april june july august september october
        november december jan feb mar apr jun jul aug sep sept oct nov dec morning afternoon evening night noon midnight week
        weekend month year day hour minute second time date one two three four five six seven eight nine ten first last next once
        twice reminder important urgent notice alert warning attention final security account password code offer sale deal
        discount promo win won mom mum dad wife husband son daughter brother sister boss friend baby man woman girl boy kid kids
        dude bro mate buddy guy guys package parcel delivery shipping address phone number email mail name id card bank visa
        mastercard paypal apple google amazon whatsapp facebook instagram appointment meeting booking reservation invoice bill
        payment price total item items size color dress product service app website link file photo black white red blue green
        yellow christmas easter ramadan diwali eid
    """,
    "es": """
        tal
        buenas buenos soy quería querida habla
        el la los las un una unos unas lo al del de en y o u que qué quien quién cual cuál cuando cuándo donde dónde como cómo por
        para con sin sobre entre hasta desde muy más menos mas no sí si ya aún todavía también tampoco bien mal mejor peor hoy
        mañana ayer ahora luego después antes aquí allí está estoy estamos están son es soy somos era fue ser estar hay tengo
        tiene tienes tenemos quiero quiere necesito puede puedo pueden su sus mi mis tu tus nuestro nuestra este esta estos estas
        ese esa eso esto nuevo nueva favor gracias hola pedido cita código clave cuenta tarjeta factura precio listo lista tarde
        temprano urgente interesado interesada casa oficina lunes martes miércoles jueves viernes sábado domingo enero febrero
        marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre oferta tienda envío
    """,
    "pt": """
        tudo bem blz beleza
        sou eu fala zap liga
        olá oi prezado prezada
        o a os as um uma uns umas no na nos nas do da dos das em e ou que quem qual quando onde como por para com sem sobre muito
        mais menos não sim já ainda também bem mal hoje amanhã ontem agora depois antes aqui ali está estou estamos estão são é
        sou somos era foi ser estar há tenho tem temos quero preciso pode posso seu sua seus suas meu minha meus minhas nosso
        nossa este esta isto esse essa isso novo nova favor obrigado obrigada pronto pronta você vocês segunda terça quarta quinta
        sexta sábado domingo janeiro fevereiro março maio junho julho setembro outubro novembro dezembro consulta conta cartão
    """,
    "fr": """
        ça va
        bonjour salut chère cher
        le la les un une des du de d l au aux en et ou que qui quoi quel quelle quand où comment pour par avec sans sur sous entre
        très plus moins ne pas non oui si déjà encore aussi bien mal aujourd'hui demain hier maintenant après avant ici là est
        suis sommes sont êtes était être avoir ai as a avons avez ont veux peux peut votre vos notre nos mon ma mes ton ta tes son
        sa ses leur leurs ce cet cette ces nouveau nouvelle merci prêt prête je tu il elle on nous vous ils lundi mardi mercredi
        jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre octobre novembre décembre rdv
        rendez-vous commande compte carte madame monsieur c'est chez moi toi lui eux pressé malade désolé désolée content contente
    """,
    "de": """
        geht gehts wohnen wohne wohnt
        hallo liebe lieber geehrte sehr
        der die das den dem des ein eine einen einem einer und oder aber wenn dann als am an auf aus bei bis durch für gegen im in
        mit nach ohne über um unter von vor zu zum zur ist bin sind seid war waren sein haben hat habe hatte wird werden wurde
        kann können muss müssen soll sollen will wollen nicht kein keine ja nein doch schon noch auch nur sehr mehr weniger gut
        schlecht heute morgen gestern jetzt gleich später hier da dort ich du er sie es wir ihr mich dich ihn uns euch mein meine
        dein deine ihre unser unsere euer dieser diese dieses neu neue neuen bitte danke fertig krank spät unterwegs froh sicher
        montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz april mai juni juli august september
        oktober november dezember termin rechnung bestellung konto karte adresse nummer paket kunde frau herr wer was wo wie warum
        standort
    """,
    "hi": """
        bol bolraha hoon hu naya nayi save karlo karo kripya krpya baje hello
        namaste namaskar priya नमस्ते नमस्कार प्रिय number call karo kare karein pe par
        hai hain tha thi the ho hoon hun hu ka ki ke ko se me par aur ya nahi nahin haan ji kya kab kahan kaise kyun kaun yeh
        ye woh wo mera meri mere aapka aapki aapke tera teri hum tum aap main mai abhi aaj kal parso bhi hi to toh ek do sab kuch
        bahut accha theek thik chahiye karo kar raha rahi rahe gaya gayi gaye hua hui diya liya lo jaldi yaha yahan waha wahan
        driver bhejo jana aana है हैं था थी थे हो हूँ हूं का की के को से में पर और या नहीं हाँ हां जी क्या कब कहाँ कैसे क्यों कौन
        यह ये वह वो मेरा मेरी मेरे आपका आपकी आपके हम तुम आप मैं अभी आज कल भी ही तो एक दो सब कुछ बहुत अच्छा ठीक चाहिए कर रहा रही
        रहे गया गयी गए हुआ हुई दिया लिया नया नई नंबर फोन मोबाइल ईमेल पता कृपया धन्यवाद ऑर्डर बिल यहाँ यहां वहाँ घर दुकान
    """,
    "ar": """
        أنا انا معك
        مرحبا أهلا السيد
        في من على إلى الى عن مع هذا هذه ذلك تلك هو هي هم أنا انا أنت انت نحن كان كانت يكون هل ما ماذا متى أين كيف لماذا نعم لا لم
        لن قد و أو او ثم بعد قبل عند عندي لدي لديك كل بعض غير جدا جداً اليوم غدا غداً أمس الآن هنا هناك الذي التي المحترم المحترمة
        موعدك موعدكم طلبك رقم رقمي ورقمي وبريدي بريدي هاتفي وهاتفي جوالي وجوالي شكرا العميل الكريم تم حساب حسابك رمز متأخر جاهز
        مريض مشغول الطريق البيت العمل يوم الساعة لو سمحت سمحتم أريد اريد أحتاج جديد الجديد قادم موجود إيميلي وإيميلي ايميلي عنواني
        وعنواني عزيزي عزيزتي مساء صباح السلام عليكم الخير النور فضلك بريد البريد ايميل الجوال الهاتف
    """,
    "id": """
        apa kabar
        halo yth kak bapak
        yang dan atau di ke dari untuk pada dengan ini itu adalah ada tidak bukan sudah belum akan bisa dapat harus mau ingin saya
        aku kamu anda dia kami kita mereka nya baru lama besok kemarin sekarang nanti tadi sini situ sana apa siapa kapan dimana
        kenapa bagaimana berapa ya iya tolong mohon terima kasih makasih selamat sangat sekali juga saja aja lagi masih hari jam
        tanggal bulan tahun pesanan nomor kode alamat rumah kantor toko pelanggan senin selasa rabu kamis jumat sabtu minggu
        januari februari maret mei juni juli agustus oktober desember datang pergi sakit siap telat utk jgn yg dgn kirim cek bayar
        pagi siang sore malam dekat wajib diisi cs
    """,
    "tr": """
        nasılsın nasılsınız
        e-posta eposta e-postam mailim mail telefonum arayacak isim ismim ismi adım adı ad soyad hesabına gönderin alıcı
        numarası merhaba ürün kargo
        lütfen adına teslim tarafından merhabalar burada
        merhaba sayın selam sevgili değerli müşterimiz
        bir bu şu o ve veya ya da de ile için gibi kadar göre sonra önce çok az daha en değil var yok evet hayır tamam ben sen biz
        siz onlar benim senin bizim sizin onun beni seni bana sana ne kim nerede nasıl neden niçin zaman bugün yarın dün şimdi
        burada orada yeni eski iyi kötü güzel lütfen teşekkürler teşekkür ederim mı mi mu mü hesap hesabınız kodunuz siparişiniz
        siparişim randevunuz numaram numara adres adresim kart evde işte yolda hasta hazır geç acil geliyorum pazartesi salı
        çarşamba perşembe cuma cumartesi pazar ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık iade
    """,
}
_BITS: dict[str, int] = {}
ALL = (1 << len(_WORDS)) - 1
for _number, _text in enumerate(_WORDS.values()):
    for _word in _text.split():
        _BITS[_word] = _BITS.get(_word, 0) | 1 << _number
_COUNT = len(_WORDS)
_LANGUAGES = list(_WORDS)


def languages(words: Iterable[str]) -> int:
    """The languages (as bits) that the words most likely are in; English when none is recognised."""
    votes = [0] * _COUNT
    for word in words:
        bits = _BITS.get(word, 0) & ~1
        if bits:
            for number in range(1, _COUNT):
                votes[number] += bits >> number & 1
    most = max(votes)
    return sum(1 << number for number in range(_COUNT) if votes[number] == most) | 1 if most else 0b11


def likeliest(words: Iterable[str]) -> str | None:
    """The one language with the most ordinary words among these; None when there is none, or more than one."""
    votes = [0] * _COUNT
    for word in words:
        bits = _BITS.get(word, 0)
        for number in range(1, _COUNT):
            votes[number] += bits >> number & 1
    most = max(votes)
    return _LANGUAGES[votes.index(most)] if most and votes.count(most) == 1 else None


def bit(language: str) -> int:
    """The bit that stands for the language."""
    return 1 << _LANGUAGES.index(language)


def is_stop(word: str, among: int = ALL) -> bool:
    """Whether the word, in small letters, is an ordinary word of one of the languages."""
    return bool(_BITS.get(word, 0) & among)


def is_abbreviation(word: str) -> bool:
    """Whether the word belongs to no language: an abbreviation, which a name may be spelled like ("Eta")."""
    return _BITS.get(word) == 1
