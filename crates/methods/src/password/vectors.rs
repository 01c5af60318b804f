//! Hashes of every foreign kind, made by other implementations.

/// The password of all hashes in [`FOREIGN`] that name no other.
pub(super) const PASSWORD: &str = "correct horse 馬 staple";

/// Kind, password, hash.
pub(super) const FOREIGN: &[(&str, &str, &str)] = &[
    // Python bcrypt 5.0.
    (
        "bcrypt 2b",
        PASSWORD,
        "$2b$04$Qxs5xoH8suNSG0CTpq/voeZBqw43YgcWIjW58h/IFABgIYNtMc1de",
    ),
    (
        "bcrypt 2a",
        PASSWORD,
        "$2a$04$Oe3ywQchXobIE4V8pa5sXOH6VK4hk.JXoHo9IOJoml33hY1GYQ4Zq",
    ),
    (
        "bcrypt 2y",
        PASSWORD,
        "$2y$04$ogLzpJOMVWIR0q5QcHO85uUPDraYa2fYejOQPX.AnYne.O5FZanna",
    ),
    // OpenBSD's test suite, by way of jBCrypt.
    (
        "bcrypt, one letter",
        "a",
        "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
    ),
    // Python hashlib.
    (
        "scrypt",
        PASSWORD,
        "$scrypt$ln=10,r=8,p=1$Bqr1t4lshXqeOb1xquIUOA$gbkyfZXOJBNdS6mq5sggXAMNUcWakPuaDNTPm8nsi40",
    ),
    (
        "pbkdf2-sha256",
        PASSWORD,
        "$pbkdf2-sha256$i=1000,l=32$Bqr1t4lshXqeOb1xquIUOA$4FfgTD6nKHowH1WPaGv65XTIMOs1dDrPA4fj53gzp/M",
    ),
    (
        "pbkdf2-sha512",
        PASSWORD,
        "$pbkdf2-sha512$i=1000,l=64$Bqr1t4lshXqeOb1xquIUOA$9Rck/bCXDmiKXIsdoEI/ndiPndAZcDtqrpwURpa/Fc/h3PS/EdOqWctWTWYhkwOJjCWalW+jC710OPbYMCiJ8Q",
    ),
    // passlib 1.7.4.
    (
        "scrypt of passlib",
        PASSWORD,
        "$scrypt$ln=10,r=8,p=2$b20N4fxfK0UIofT+f69Vqg$t/TNA1Nh59+mCpolW+nY3U639KxWHsy8PJlZMMGHD7c",
    ),
    (
        "pbkdf2-sha256 of passlib",
        PASSWORD,
        "$pbkdf2-sha256$1000$xjgHIKRUivH.31vrnROCEA$R20A/2rxkk719u8QvkGOP6i.BSa/lFeajpqUPOqWgZw",
    ),
    (
        "pbkdf2-sha512 of passlib",
        PASSWORD,
        "$pbkdf2-sha512$1000$/p/zPodQaq2VMiYEgPDeuw$vsIxWGbtjvWHr38lw3rDDrc2Ollz3EAslYQCjgjkVnSUCHRDhSlRF87chYcbQDz.cmnE74Tceit1BvPixdT7lw",
    ),
    // Django 5.2.
    (
        "pbkdf2_sha256 of Django",
        PASSWORD,
        "pbkdf2_sha256$1000$seasaltseasalt12$/i1Zmn6TOO1FD9+LzqMMqntS5bOuzBrCGEHLX8zD8Co=",
    ),
    // argon2-cffi 25.1.
    (
        "argon2i",
        PASSWORD,
        "$argon2i$v=19$m=256,t=3,p=2$Gze32NBmyD6/eUUUuvabXg$pyKX7gnLL9dediX7r3s1CwBJ7hmcGvmVc9n85VqJ+7Q",
    ),
    (
        "argon2d",
        PASSWORD,
        "$argon2d$v=19$m=256,t=3,p=2$nV1LHwpszm5mUUOsFy1JXg$gwM43oa83+QQbLuIW1EObTiFtu7RxGxNrAYiz6HFV8s",
    ),
    (
        "argon2id, other parameters",
        PASSWORD,
        "$argon2id$v=19$m=256,t=3,p=2$QOh2cmhUIaadenfTZkOW1w$0ziEs+3eddkTErE6IGPf6srB1OcnC3ySszSUdAuszkk",
    ),
    (
        "argon2id, short salt and hash",
        PASSWORD,
        "$argon2id$v=19$m=64,t=1,p=1$BSO2113LkOA$nr2WG7fBQD47gQnQ0e+1m4B0c3GHRPjj",
    ),
    // The example that Firebase publishes.
    (
        "firebase-scrypt",
        "user1password",
        "$firebase-scrypt$mem_cost=14,rounds=8$42xEC+ixf3L2lw==$Bw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
    ),
    // Python hashlib; username "ada", salt "global-salt".
    (
        "sha256 of tutorials, in hexadecimal",
        PASSWORD,
        "$sha256-username-password-salt$YWRh$Z2xvYmFsLXNhbHQ$3db0966df1f2622006da9e0a311a0ae379de2d8a4919a9af9abc339242e21e0f",
    ),
    (
        "sha256 of tutorials, in base64",
        PASSWORD,
        "$sha256-username-password-salt$YWRh$Z2xvYmFsLXNhbHQ$PbCWbfHyYiAG2p4KMRoK43neLYpJGamvmrwzkkLiHg8",
    ),
];

/// bcrypt of 72 times "x", by Python bcrypt 5.0.
pub(super) const BCRYPT_OF_72_X: &str =
    "$2b$04$F0lA.HUFZivcQoeArnUFMuXufaxT8z1Q02ew4g96rNdpUfd84a.GW";
