//! `users import`: every kind of hash from elsewhere lets its owner in afterwards, and is replaced.

use crate::support::Instance;

const PASSWORD: &str = "correct horse 馬 staple";

/// Made by other implementations; the tests of the password method say which.
const HASHES: &[(&str, &str, &str)] = &[
    (
        "bcrypt",
        PASSWORD,
        "$2b$04$Qxs5xoH8suNSG0CTpq/voeZBqw43YgcWIjW58h/IFABgIYNtMc1de",
    ),
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
    (
        "django",
        PASSWORD,
        "pbkdf2_sha256$1000$seasaltseasalt12$/i1Zmn6TOO1FD9+LzqMMqntS5bOuzBrCGEHLX8zD8Co=",
    ),
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
        "argon2id",
        PASSWORD,
        "$argon2id$v=19$m=256,t=3,p=2$QOh2cmhUIaadenfTZkOW1w$0ziEs+3eddkTErE6IGPf6srB1OcnC3ySszSUdAuszkk",
    ),
    (
        "firebase",
        "user1password",
        "$firebase-scrypt$mem_cost=14,rounds=8$42xEC+ixf3L2lw==$Bw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
    ),
    (
        "ada",
        PASSWORD,
        "$sha256-username-password-salt$YWRh$Z2xvYmFsLXNhbHQ$3db0966df1f2622006da9e0a311a0ae379de2d8a4919a9af9abc339242e21e0f",
    ),
];

#[test]
fn every_kind_of_hash_lets_its_owner_in_and_is_then_replaced() {
    let instance = Instance::started();
    let file: String = HASHES
        .iter()
        .map(|(name, _, hash)| {
            format!("{{\"username\":\"{name}\",\"password_hash\":\"{hash}\"}}\n")
        })
        .collect();
    instance.run_with(&["users", "import", "-"], &file).ok();
    for (name, password, _) in HASHES {
        assert!(
            instance.log_in(name, "not the password").is_none(),
            "{name}"
        );
        assert!(instance.log_in(name, password).is_some(), "{name}");
    }
    let exported = instance
        .run(&["users", "export", "--with-password-hashes"])
        .json_lines();
    for user in exported {
        let hash = user["password_hash"].as_str().unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=7168,t=5,p=1$"),
            "{}",
            user["username"]
        );
    }
}
