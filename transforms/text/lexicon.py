"""Words that tell what the number beside them is, in ten languages; `*` at the end stands for any ending.

Languages: English, Spanish, Portuguese, French, German, Hindi and Hinglish, Arabic, Indonesian, Japanese, Turkish. Words are
in lower case. Arabic words stand without article and attached particles, which the reader takes off.
"""

from __future__ import annotations

from enum import Enum


class Cue(Enum):
    """What a word near a number says about it."""

    PHONE = "phone"
    CODE = "code"
    SIGN_IN = "sign_in"
    CARD = "card"
    BANK = "bank"
    SSN = "ssn"
    IDENTITY = "identity"
    BIRTH = "birth"
    PLACE = "place"
    HARMLESS = "harmless"
    UNIT = "unit"
    NUMBER = "number"


WORDS: dict[Cue, str] = {
    Cue.PHONE: """
        text txt phone phones phone# telephone tel call calls calling callback ring dial mobile mob cell cellphone cel whatsapp whats wa sms
        reach landline fax contact handset ph telno kontakt kontakte iletişim msisdn viber telegram signal
        teléfono telefono teléfonos móvil movil celular llámame llamame llámeme llame llama llamar llámanos llámenos llamada
        llamen pregunta pregunte
        llámalo marcar marca marque wasap wsp guasap escríbeme escribeme telf tlf tfno fijo
        telefone telemóvel telemovel fone ligue liga ligar ligue-me chama chame zap zapzap contato contacto
        téléphone telephone tél portable appelez appelle appeler appelez-moi appelle-moi rappelez rappeler rappelle joindre joignable fixe
        telefon* handy* rufnummer mobilnummer mobil ruf rufen rufe anrufen anruf angerufen festnetz erreichbar erreichen durchwahl
        फोन फ़ोन मोबाइल कॉल संपर्क व्हाट्सएप व्हाट्सऐप टेलीफोन फोनं phon mobail
        هاتف* جوال* موبايل* اتصل* اتصال كلم* واتس* واتساب* تلفون* تليفون* محمول* راسل* تواصل* جوالك رن
        telepon* telp tlp hp hape hubungi hub ponsel whatsapp kontak nelpon telfon nomorku hpku
        tel cep cebim cebi cebimi ara arayın arayin arayabilirsiniz gsm ulaş* ulas* hattım numaram numaramı arar
    """,
    Cue.CODE: """
        code codes otp passcode pin password verification verify passwd tan mtan sms-tan 2fa mfa one-time onetime authentication
        código codigo códigos clave claves contraseña contrasena verificación verificacion token
        senha senhas verificação verificacao autenticação
        vérification secret confidentiel passe unique
        *code *tan kennwort passwort einmal* bestätigungs* verifizierung* zugangs*
        कोड ओटीपी पिन पासवर्ड सत्यापन
        رمز* كود* مرور تحقق تفعيل سري
        kode sandi verifikasi otentikasi pin-nya
        kod kodu* kodun* kodum* kodla kodlar* şifre* sifre* parola* doğrulama* dogrulama* onay
    """,
    Cue.SIGN_IN: """
        signin sign-in sign log login log-in authenticate authorise authorize authorization authorisation unlock
        acceder acceso ingresar ingreso entrar iniciar confirmar acesso connecter connexion connectez anmeld* anzumelden
        einloggen einzuloggen
        login masuk daftar giriş* giris* girmek girin girmeniz giriniz دخول تسجيل लॉगिन
    """,
    Cue.CARD: """
        card cards visa mastercard amex maestro discover creditcard debit credit pan# tarjeta tarjetas cartão cartao cartões
        carte carte-bleue cb karte kreditkarte* kartennummer* bankkarte* ec-karte kart kartı kartim kartım* kartim* kartın* kartın
        kartu kartuku कार्ड بطاق* فيزا ماستركارد cvv cvc rupay jcb diners elo troy mada
    """,
    Cue.BANK: """
        iban konto* bankverbindung آيبان ايبان الآيبان bankkonto hesap
    """,
    Cue.SSN: "ssn social socials itin",
    Cue.IDENTITY: """
        passport passports identity id-card nric nino ni national-id nationalid ssnit licence license tax tin insurance citizen
        dni nie nif curp rfc pasaporte identidad cédula cedula cuit cuil rut ife ine nss documento identificación identificacion
        cpf rg cnh passaporte identidade pis nis nit bi
        passeport identité cni sécu securite sécurité nir insee
        steuer* ausweis* personalausweis* reisepass* pass passnummer* sozialversicherung* svnr steuer-id steuerid idnr perso
        rentenversicherung*
        aadhaar aadhar adhar adhaar uidai आधार पैन पासपोर्ट voter pan
        هوي* جواز* إقام* اقام* وطني* قومي*
        nik ktp paspor npwp sim kk identitas
        kimlik* tckn tc tc-no pasaport* vergi ehliyet*
    """,
    Cue.BIRTH: """
        dob d.o.b birth birthday birthdate born bday b-day birthdays
        nacimiento nací naci nació nacio nacido nacida cumpleaños cumpleanos cumple f.nac fnac nac
        nascimento nasci nasceu nascido nascida aniversário aniversario niver nasc
        naissance né née nee anniversaire naquit
        geboren* geburt* geb geburtsdatum geburtstag jahrgang
        जन्म जन्मतिथि जन्मदिन janm janam janma janmdin paida जन्मदिवस
        ميلاد* مولود* ولدت مواليد تولد
        lahir kelahiran ultah ttl tgl-lahir lahirku
        doğum* dogum* doğdum dogdum doğumlu doğumlum doğmuş
    """,
    Cue.PLACE: """
        location lat lng lon long latitude longitude coords coordinates gps pin-drop ubicación ubicacion coordenadas localização
        localizacao position coordonnées standort koordinaten lokasi posisi koordinat konum konumum konumu موقع* إحداثيات लोकेशन
    """,
    Cue.HARMLESS: """
        order orders ord ordernumber order# purchase po invoice invoices inv bill bills receipt tracking track trackingno
        shipment parcel package pkg
        consignment awb ticket tickets case incident ref reference ref# refno item items sku model version build isbn issn
        serial flight booking reservation pnr amount total
        price balance points messages msg message queue error request req transaction txn utr rrn quote batch lot part coupon voucher promo
        promocode discount sale deal deals offer zip postal postcode area dress qr bar barcode color colour product style size sort
        extension country source http status exit morse conduct building gate room floor a/c acct account paid pay due locker
        job claim policy
        pedido pedidos factura facturas seguimiento rastreo guía guia envío envio incidente incidencia ticket referencia precio importe
        saldo monto puntos mensajes promocional descuento cupón cupon oferta compra recibo postal expediente reserva vuelo lote
        producto modelo
        fatura faturas rastreio rastreamento chamado protocolo boleto preço valor pontos mensagens desconto cupom promoção
        remessa encomenda nota compra
        commande commandes facture factures suivi colis dossier référence reference incident promo réduction remise montant prix solde
        réservation vol points livraison expédition modèle produit postale
        bestellung* bestellnummer auftrag* auftragsnummer rechnung* rechnungs* sendung* sendungs* paket* vorgang* kundennummer*
        vorgangsnummer gutschein* rabatt* aktion*
        promo* postleitzahl plz betrag preis punkte nachrichten lieferung* lieferschein* vertrag* vertragsnummer artikel*
        buchung* referenz* tracking* ticket*
        modell* serien* produktcode* gutscheincode* rabattcode* aktionscode* quellcode* fehlercode* barcode* qr-code* bankleitzahl* blz
        ऑर्डर बिल ट्रैकिंग शिकायत टिकट चालान रसीद पार्सल मैसेज डिस्काउंट छूट कूपन
        طلب* فاتور* تتبع* شحن* تذكر* مرجع* بلاغ* عرض خصم قسيم* كوبون حجز* رحل* مبلغ سعر نقاط رسال* رسائل شكو* بريدي معامل* منتج*
        pesanan order resi tiket faktur tagihan invoice pengiriman paket laporan promo diskon kupon voucher poin pesan harga
        transaksi keluhan pos referensi pemesanan
        sipariş* siparis* fatura* takip* kargo* talep* destek* indirim* kupon* kampanya* puan* mesaj* posta* rezervasyon* uçuş*
        gönderi* gonderi* işlem* islem* ürün* urun* başvuru*
    """,
    Cue.UNIT: """
        min mins minute minutes minutos minuto minuten minutes menit dakika dk दिन मिनट minat دقيق* دقائق sec secs second seconds seconde
        secondes segundos segundo sekunden sekunde detik saniye hour hours horas heures stunden jam saat ghante घंटे ساع*
        day days días dias jours tage tagen hari gün din يوم أيام kg km ml mb gb px mm cm pcs pc units people items steps
        points points pontos puntos punkte poin puan messages mensajes mensagens nachrichten pesan mesaj
        usd eur gbp inr brl try idr jpy sar aed rs dollars dollar euros euro reais rupees rupee rupiah lira tl yen riyal reais pesos peso
    """,
    Cue.NUMBER: """
        number numbers num no nr nbr nro número numero números nº n° numéro numéros nummer* नंबर नम्बर رقم* أرقام nomor no.
        numara*
    """,
}

# Japanese is written without spaces, so its words are looked for anywhere.
JAPANESE: dict[Cue, str] = {
    Cue.PHONE: "電話 携帯 連絡 ケータイ ＴＥＬ スマホ 固定 お電話 ライン 発信 折り返",
    Cue.CODE: "コード 認証 暗証 パスワード ワンタイム 確認番号 確認コード パスコード 合言葉",
    Cue.SIGN_IN: "ログイン サインイン",
    Cue.CARD: "カード クレジット",
    Cue.BANK: "口座",
    Cue.IDENTITY: "マイナンバー 個人番号 旅券 パスポート 免許 保険証 在留カード",
    Cue.BIRTH: "生年月日 誕生日 生まれ 出生 日生 年生",
    Cue.PLACE: "現在地 位置 緯度 経度 座標 場所",
    Cue.HARMLESS: (
        "注文 追跡 請求 問い合わせ 問合せ 伝票 受付番号 予約 クーポン 割引 セール 品番 型番 メッセージ ポイント 郵便 商品 会員 "
        "便名 領収 配送番号 管理番号 QRコード バーコード"
    ),
    Cue.UNIT: "分 円 時間 秒 日間 件 個 名 歳 枚 本 ポイント 月 年 時 通",
    Cue.NUMBER: "番号 ナンバー",
}
