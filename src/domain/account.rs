//! Accounts: login names, passwords, and how far one who keeps accounts may go.
//!
//! Invariants: two login names that read the same are the same; nobody gives what he does not have: [`may_grant`] is pure
//! and bounds every account and token by the role and the scope of its maker.

use super::words::words;
use super::{Actor, Denial, DivisionCode, Right, Role, Violation, may};
use serde::{Deserialize, Serialize};
use std::fmt;

words! {
    /// What the audit trail tells of.
    Act {
        SignedIn = "signed_in", "登录", "signed in";
        SignInFailed = "sign_in_failed", "登录失败", "failed to sign in";
        SignedOut = "signed_out", "退出", "signed out";
        SignedOutEverywhere = "signed_out_everywhere", "在所有设备退出", "signed out everywhere";
        PasswordChanged = "password_changed", "修改密码", "changed a password";
        LinkMade = "link_made", "生成一次性链接", "made a one-time link";
        LinkUsed = "link_used", "使用一次性链接", "used a one-time link";
        AccountMade = "account_made", "新建账号", "made an account";
        AccountChanged = "account_changed", "修改账号", "changed an account";
        AccountRemoved = "account_removed", "删除账号", "removed an account";
        TokenMade = "token_made", "新建令牌", "made a token";
        TokenRevoked = "token_revoked", "撤销令牌", "took a token back";
        WriteDenied = "write_denied", "写入被拒", "was denied a write";
    }
}

words! {
    /// Why somebody who comes back from the OpenID provider is not signed in.
    OidcRefusal {
        State = "state", "登录已过期或不是从本浏览器发起，请重试", "the way back was taken already, took too long, or began in another browser: try again";
        Provider = "provider", "统一身份服务没有正常应答", "the OpenID provider did not answer as it should";
        Token = "token", "统一身份服务给出的凭证无效", "what the OpenID provider says does not hold";
        Unknown = "unknown", "此身份没有关联账号，请联系管理员", "no account is linked to this identity: ask an administrator";
        Name = "name", "此身份的用户名已被占用或不可用，请联系管理员", "the name of this identity is taken or can not be used here: ask an administrator";
        Disabled = "disabled", "账号已停用，请联系管理员", "the account is disabled: ask an administrator";
    }
}

/// Name that somebody signs in with, and that the journal knows them by: 1–60 Latin letters, Chinese characters, digits
/// and `. _ -`, in lower case. Letters of other scripts are refused: some look like Latin ones and are not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LoginName(String);

impl LoginName {
    /// Longest name, characters.
    pub const MAX: usize = 60;

    /// Returns the name that `text` means, or what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let name = folded(text);
        let known = |c: char| c.is_ascii_alphanumeric() || is_han(c) || matches!(c, '.' | '_' | '-');
        let begins_well = name.chars().next().is_some_and(|c| c.is_ascii_alphanumeric() || is_han(c));
        if !begins_well || name.chars().count() > Self::MAX || !name.chars().all(known) {
            return Err(Violation::new(
                "name",
                "bad_name",
                format!("登录名应为 1–{} 个英文字母、汉字、数字或 . _ -，以字母、汉字或数字开头", Self::MAX),
                format!(
                    "a login name takes 1–{} Latin letters, Chinese characters, digits or . _ -, and begins with one of the first three",
                    Self::MAX
                ),
            ));
        }
        refuse_posing("name", &name)?;
        Ok(Self(name))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a name of the journal, such as a token's, reads the same.
    pub fn reads_like(&self, other: &str) -> bool {
        self.0 == folded(other)
    }
}

impl fmt::Display for LoginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names that the journal and the trail use for the service itself.
const RESERVED: [&str; 6] = ["public", "demo", "cli", "bihu", "setup", "oidc"];

/// How the names begin under which feeds stand in the journal.
const RESERVED_START: &str = "feed:";

/// Refuses a name of any kind that reads as the service's own, or holds what no reader sees and two names can so differ in.
pub fn refuse_posing(field: &str, name: &str) -> Result<(), Violation> {
    if name.chars().any(is_unseen) {
        return Err(Violation::new(
            field,
            "unseen_character",
            "名称含有看不见的字符（零宽或改变书写方向），请重新输入",
            "the name holds characters that nobody sees, of no width or turning the direction of writing: type it anew",
        ));
    }
    let read = folded(name);
    if RESERVED.contains(&read.as_str()) || read.starts_with(RESERVED_START) {
        return Err(Violation::new(
            field,
            "reserved_name",
            format!("“{read}”是系统保留名，请换一个"),
            format!("`{read}` is kept for the service itself; take another"),
        ));
    }
    Ok(())
}

/// Returns whether two names read the same.
pub fn same_name(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

/// Returns whether a character shows nothing by itself: controls, fillers, joiners, marks of direction, selectors of
/// variants and tags (Unicode, Default_Ignorable_Code_Point, and the separators of lines).
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Brings full-width forms to ASCII and letters to lower case, and cuts white space off: an input method that stands at
/// full width types the same name.
fn folded(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.trim().chars().map(narrow).flat_map(char::to_lowercase).collect()
}

/// Returns whether a character is a Chinese character: the unified ideographs, without compatibility twins.
fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// Fewest characters of a password.
pub const PASSWORD_MIN: usize = 10;

/// Most characters of a password: hashing must not be made dear by its length.
pub const PASSWORD_MAX: usize = 200;

/// The commonest passwords of ten characters and more, from public lists of leaked ones, and those that this software's
/// name and subject invite. In lower case.
const COMMON: [&str; 72] = [
    "1234567890",
    "0123456789",
    "0987654321",
    "9876543210",
    "12345678910",
    "123456789a",
    "a123456789",
    "123456789q",
    "1234567899",
    "1234554321",
    "1122334455",
    "1029384756",
    "1q2w3e4r5t",
    "q1w2e3r4t5",
    "1qaz2wsx3edc",
    "qwertyuiop",
    "qwertyuiop123",
    "qwerty12345",
    "qwerty123456",
    "qwerty1234",
    "1qazxsw2345",
    "asdfghjkl123",
    "asdfghjkl1",
    "zxcvbnm123",
    "qazwsxedcrfv",
    "password12",
    "password123",
    "password1234",
    "password12345",
    "password1!",
    "passw0rd123",
    "p@ssw0rd123",
    "p@ssword123",
    "p@ssw0rd1234",
    "iloveyou123",
    "iloveyou1314",
    "woaini1314",
    "woaini520520",
    "woaini5201314",
    "5201314520",
    "5201314521",
    "1314520520",
    "woaiwojia1314",
    "abcdefghij",
    "abc1234567",
    "abc123456789",
    "abcd123456",
    "abcd1234567",
    "aa123456789",
    "a1234567890",
    "qq123456789",
    "admin12345",
    "admin123456",
    "admin123456789",
    "administrator",
    "administrator1",
    "root123456",
    "test123456",
    "user123456",
    "welcome123",
    "welcome1234",
    "changeme123",
    "letmein1234",
    "123qweasdzxc",
    "1234qwerasdf",
    "asd123456789",
    "bihu123456",
    "bihu12345678",
    "shanghai123",
    "songjiang123",
    "yingji12345",
    "football123",
];

/// Returns what is wrong with a password for somebody; an empty list when nothing is.
pub fn weaknesses(password: &str, name: &LoginName) -> Vec<Violation> {
    let say = |reason: &str, zh: String, en: String| vec![Violation::new("password", reason, zh, en)];
    let length = password.chars().count();
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
        return say(
            "bad_length",
            format!("密码应为 {PASSWORD_MIN}–{PASSWORD_MAX} 个字符；一句话最好记"),
            format!("a password takes {PASSWORD_MIN}–{PASSWORD_MAX} characters; a sentence is easiest to keep"),
        );
    }
    let lower = folded(password);
    if name.reads_like(&lower) {
        return say(
            "is_the_name",
            "密码不能与登录名相同".to_owned(),
            "the password must not be the login name".to_owned(),
        );
    }
    let mut characters = lower.chars();
    let first = characters.next();
    if COMMON.contains(&lower.as_str()) || characters.all(|c| Some(c) == first) {
        return say(
            "too_common",
            "这个密码太常见，很快会被猜到，请换一个".to_owned(),
            "this password is among the first that anyone would try; take another".to_owned(),
        );
    }
    Vec::new()
}

/// Returns whether `actor` may give, change or take a role within a scope: never a higher role than the actor's own, nor
/// a wider scope. A denial names the missing right.
pub fn may_grant(actor: &Actor, role: Role, scope: Option<&DivisionCode>) -> Result<(), Denial> {
    may(actor, Right::KeepAccounts)?;
    if role > actor.role {
        return Err(Denial::lacking(actor, "role"));
    }
    let inside = match (&actor.scope, scope) {
        (None, _) => true,
        (Some(own), Some(asked)) => own.contains(asked),
        (Some(_), None) => false,
    };
    if inside { Ok(()) } else { Err(Denial::lacking(actor, "scope")) }
}
