//! Rule profiles: which checks an identification needs, how strict they are, and which clause of which rule asks for
//! them. A profile is a file, not code; five are built in (`profiles/*.toml`), another is named by its path. None is legal
//! advice, and each says so.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    terms::{Attempts, CodeTerms, QuestionTerms, Reconnect},
    wire::{CheckKind, ClauseView, FourEyes},
};

/// The profiles that come with the product.
const BUILT_IN: [(&str, &str); 5] = [
    ("default", include_str!("profiles/default.toml")),
    ("vn-sbv", include_str!("profiles/vn-sbv.toml")),
    ("in-vcip", include_str!("profiles/in-vcip.toml")),
    ("de-videoident", include_str!("profiles/de-videoident.toml")),
    ("eu-etsi-119461", include_str!("profiles/eu-etsi-119461.toml")),
];

/// A step of a profile as its file names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// The front is looked at; everything measured afterwards is measured from it.
    Frontal,
    /// The head is turned in the directions of `[head]`, in drawn order, some of them again.
    Movements,
    Hand,
    Digits,
    DocumentTilt,
    DocumentCover,
    DocumentNumber,
    Code,
    Questions,
    Location,
}

/// A part of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// One check.
    One(CheckKind),
    /// All movements of the head.
    Movements,
}

/// What a call leaves behind that a clause may want to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum Evidence {
    /// The call was recorded, and the recording is sealed.
    Recording,
    /// Every passed check of the person has its still.
    Stills,
    /// Every movement was measured in the recording and none contradicts the agent.
    Measured,
    /// The order came from the draw, and the opened seed explains it.
    Drawn,
    /// The document was photographed, and something was read of it.
    Document,
    /// A machine-readable zone of it closed every check digit.
    Zone,
    /// Every consent that is needed was given, with the text filed by its hash.
    Consents,
    /// An agent decided.
    Decision,
    /// Somebody else than the agent decided as well.
    SecondPerson,
    /// The agent compared the portrait and the live face, feature by feature.
    Compared,
    /// The agent was drawn among those who could have taken the call.
    RandomAgent,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    directions: Vec<toml::Spanned<CheckKind>>,
    repeats: [usize; 2],
    retries: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clause {
    clause: String,
    says: String,
    /// The same in Vietnamese, where it is said.
    clause_vi: Option<String>,
    says_vi: Option<String>,
    #[serde(default)]
    steps: Vec<toml::Spanned<Step>>,
    #[serde(default)]
    evidence: Vec<Evidence>,
    test: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    name: String,
    title: String,
    source: String,
    warning: String,
    /// The same in Vietnamese, where it is said.
    title_vi: Option<String>,
    warning_vi: Option<String>,
    four_eyes: FourEyes,
    /// Whether nobody may be able to tell beforehand who will have a customer.
    #[serde(default)]
    random_allocation: bool,
    #[serde(default = "five_years")]
    retention_days: u32,
    #[serde(default)]
    reconnect: Reconnect,
    #[serde(default)]
    attempts: Attempts,
    #[serde(default)]
    code: CodeTerms,
    #[serde(default)]
    questions: QuestionTerms,
    head: Head,
    steps: Vec<toml::Spanned<Step>>,
    #[serde(default)]
    clauses: Vec<Clause>,
}

/// What a profile that says nothing keeps files for.
fn five_years() -> u32 {
    5 * 365
}

/// A profile that may be used.
#[derive(Debug, Clone)]
pub struct Profile {
    text: Text,
    /// What it was made of, to be filed with a call.
    toml: String,
    directions: Vec<CheckKind>,
}

/// Why a profile is not used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// It is neither built in nor a file that can be read.
    #[error("there is no profile {0}; built in are default, vn-sbv, in-vcip, de-videoident, eu-etsi-119461, another is the path of a .toml file")]
    Unknown(String),
    /// Its text is not a profile: what, and where.
    #[error("profile {name}, line {line}: {what}")]
    Malformed {
        /// Which profile.
        name: String,
        /// Line in its file, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

impl Profile {
    /// A built-in profile by its name, or the one in the file at this path.
    ///
    /// # Errors
    /// [`ProfileError`], with the line.
    pub fn load(name: &str) -> Result<Self, ProfileError> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Self::parse(name, text);
        }
        let text = std::fs::read_to_string(name).map_err(|_| ProfileError::Unknown(name.to_owned()))?;
        Self::parse(name, &text)
    }

    /// A profile from its text; `origin` is what an error names.
    ///
    /// # Errors
    /// [`ProfileError::Malformed`] with the line.
    pub fn parse(origin: &str, text: &str) -> Result<Self, ProfileError> {
        let wrong =
            |at: usize, what: String| ProfileError::Malformed { name: origin.to_owned(), line: 1 + text[..at.min(text.len())].matches('\n').count(), what };
        let parsed: Text = toml::from_str(text).map_err(|error| wrong(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
        let mut seen = BTreeSet::new();
        for step in &parsed.steps {
            let at = step.span().start;
            if !seen.insert(*step.get_ref()) {
                return Err(wrong(at, "this step comes twice".to_owned()));
            }
            if *step.get_ref() == Step::Movements && !seen.contains(&Step::Frontal) {
                return Err(wrong(at, "movements are measured from the front: `frontal` has to come before".to_owned()));
            }
        }
        if !seen.contains(&Step::Frontal) {
            return Err(wrong(text.find("steps").unwrap_or(0), "the step `frontal` is missing".to_owned()));
        }
        if let Some(direction) = parsed.head.directions.iter().find(|direction| !direction.get_ref().is_movement()) {
            return Err(wrong(direction.span().start, "a direction is left, right, up or down".to_owned()));
        }
        if seen.contains(&Step::Movements) && parsed.head.directions.is_empty() || parsed.head.repeats[0] > parsed.head.repeats[1] {
            return Err(wrong(text.find("[head]").unwrap_or(0), "movements need directions, and repeats are [least, most]".to_owned()));
        }
        let zero = |section: &str, what: &str| wrong(text.find(section).unwrap_or(0), what.to_owned());
        if parsed.retention_days == 0 {
            return Err(zero("retention_days", "files are kept for a day at least"));
        }
        if parsed.attempts.most == 0 || parsed.code.minutes == 0 || parsed.code.attempts == 0 || parsed.code.sends == 0 {
            return Err(zero(if parsed.attempts.most == 0 { "[attempts]" } else { "[code]" }, "nothing would ever be allowed: this has to be more than 0"));
        }
        if seen.contains(&Step::Questions) && (parsed.questions.ask == 0 || parsed.questions.wrong >= parsed.questions.ask) {
            return Err(zero("[questions]", "some questions have to be asked, and some of them answered right"));
        }
        for step in parsed.clauses.iter().flat_map(|clause| &clause.steps) {
            if !seen.contains(step.get_ref()) {
                return Err(wrong(step.span().start, "this clause needs a step the profile does not have".to_owned()));
            }
        }
        let directions = parsed.head.directions.iter().map(|direction| *direction.get_ref()).collect();
        Ok(Self { text: parsed, toml: text.to_owned(), directions })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.text.name
    }

    /// Its title, what it was written from, and that it is no legal advice.
    pub fn about(&self) -> (&str, &str, &str) {
        (&self.text.title, &self.text.source, &self.text.warning)
    }

    /// Title and warning in Vietnamese, where they are said.
    pub(super) fn about_vi(&self) -> (Option<&str>, Option<&str>) {
        (self.text.title_vi.as_deref(), self.text.warning_vi.as_deref())
    }

    /// The text it was made of.
    pub(super) fn toml(&self) -> &str {
        &self.toml
    }

    /// Whether customers are allotted to agents at random.
    pub fn allots_at_random(&self) -> bool {
        self.text.random_allocation
    }

    /// When a second person has to decide.
    pub fn four_eyes(&self) -> FourEyes {
        self.text.four_eyes
    }

    /// How long the sealed files of an identification are kept after its last call.
    pub fn retention(&self) -> chrono::Duration {
        chrono::Duration::days(i64::from(self.text.retention_days))
    }

    /// What happens when a connection breaks.
    pub fn reconnect(&self) -> Reconnect {
        self.text.reconnect
    }

    /// How often a call may come to nothing.
    pub fn attempts(&self) -> Attempts {
        self.text.attempts
    }

    pub(super) fn code(&self) -> CodeTerms {
        self.text.code
    }

    pub(super) fn questions(&self) -> QuestionTerms {
        self.text.questions
    }

    /// Every kind an identification needs, in the order of the profile; movements once each.
    pub fn kinds(&self) -> Vec<CheckKind> {
        let of = |phase: Phase| match phase {
            Phase::One(kind) => vec![kind],
            Phase::Movements => self.directions.clone(),
        };
        self.phases().into_iter().flat_map(of).collect()
    }

    /// The clauses it was written from, each met or not by a call of which `left` is still to do and `evidence` is there.
    pub fn coverage(&self, left: &[CheckKind], evidence: &BTreeSet<Evidence>) -> Vec<ClauseView> {
        let done = |step: Step| match phase(step) {
            Phase::One(kind) => !left.contains(&kind),
            Phase::Movements => !left.iter().any(|kind| kind.is_movement()),
        };
        let of = |clause: &Clause| {
            let lacking: Vec<Evidence> = clause.evidence.iter().copied().filter(|one| !evidence.contains(one)).collect();
            let is_met = lacking.is_empty() && clause.steps.iter().all(|step| done(*step.get_ref()));
            let Clause { clause, says, clause_vi, says_vi, .. } = clause.clone();
            ClauseView { clause, says, clause_vi, says_vi, is_met, lacking }
        };
        self.text.clauses.iter().map(of).collect()
    }

    /// The tests that show that the clauses hold, by their paths.
    pub fn tests(&self) -> impl Iterator<Item = &str> {
        self.text.clauses.iter().map(|clause| clause.test.as_str())
    }

    /// Names of the built-in profiles.
    pub fn built_in() -> impl Iterator<Item = &'static str> {
        BUILT_IN.into_iter().map(|(name, _)| name)
    }

    pub(super) fn phases(&self) -> Vec<Phase> {
        self.text.steps.iter().map(|step| phase(*step.get_ref())).collect()
    }

    pub(super) fn directions(&self) -> &[CheckKind] {
        &self.directions
    }

    /// Least and most movements that come once more.
    pub(super) fn repeats(&self) -> (usize, usize) {
        (self.text.head.repeats[0], self.text.head.repeats[1])
    }

    /// How often a failed check may be tried again.
    pub(super) fn retries(&self) -> usize {
        self.text.head.retries
    }
}

impl std::str::FromStr for Profile {
    type Err = ProfileError;
    /// A profile as it was filed with a call.
    fn from_str(text: &str) -> Result<Self, ProfileError> {
        Self::parse("as filed", text)
    }
}

fn phase(step: Step) -> Phase {
    match step {
        Step::Frontal => Phase::One(CheckKind::Frontal),
        Step::Movements => Phase::Movements,
        Step::Hand => Phase::One(CheckKind::Hand),
        Step::Digits => Phase::One(CheckKind::Digits),
        Step::DocumentTilt => Phase::One(CheckKind::DocumentTilt),
        Step::DocumentCover => Phase::One(CheckKind::DocumentCover),
        Step::DocumentNumber => Phase::One(CheckKind::DocumentNumber),
        Step::Code => Phase::One(CheckKind::Code),
        Step::Questions => Phase::One(CheckKind::Questions),
        Step::Location => Phase::One(CheckKind::Location),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "name = \"p\"\ntitle = \"t\"\nsource = \"s\"\nwarning = \"w\"\nfour_eyes = \"never\"\nsteps = [\"frontal\", \"movements\"]\n[head]\ndirections = [\"left\", \"up\"]\nrepeats = [0, 1]\nretries = 2\n";

    fn refusal(text: &str) -> (usize, String) {
        match Profile::parse("p", text).expect_err("refused") {
            ProfileError::Malformed { line, what, .. } => (line, what),
            ProfileError::Unknown(name) => panic!("{name} is unknown"),
        }
    }

    #[test]
    fn every_built_in_profile_can_be_used_and_says_that_it_is_no_advice() {
        for name in Profile::built_in() {
            let profile = Profile::load(name).unwrap_or_else(|error| panic!("{error}"));
            assert!(profile.about().2.contains("not legal advice"), "{name}");
            let (title, warning) = profile.about_vi();
            assert!(title.is_some() && warning.is_some_and(|warning| warning.contains("không phải là tư vấn pháp lý")), "{name} in Vietnamese");
            assert!(profile.coverage(&[], &BTreeSet::new()).iter().all(|clause| clause.says_vi.is_some()), "{name} in Vietnamese");
            assert_eq!(profile.name(), name);
            assert_eq!(profile.toml().parse::<Profile>().map(|again| again.kinds()).ok(), Some(profile.kinds()));
            assert!(name == "default" || profile.tests().count() >= 5, "{name} says which clauses it was written from");
            assert!(profile.kinds().starts_with(&[CheckKind::Frontal]));
        }
        assert!(matches!(Profile::load("mars"), Err(ProfileError::Unknown(_))));
    }

    #[test]
    fn a_profile_that_makes_no_sense_is_refused_with_its_line() {
        assert!(Profile::parse("p", LEAST).is_ok());
        assert_eq!(refusal(&LEAST.replace("\"movements\"", "\"dance\"")).0, 6);
        assert_eq!(
            refusal(&LEAST.replace("\"frontal\", \"movements\"", "\"movements\", \"frontal\"")),
            (6, "movements are measured from the front: `frontal` has to come before".to_owned())
        );
        assert_eq!(refusal(&LEAST.replace("\"frontal\", \"movements\"", "\"digits\"")), (6, "the step `frontal` is missing".to_owned()));
        assert_eq!(refusal(&LEAST.replace("\"movements\"]", "\"frontal\"]")).0, 6);
        assert_eq!(refusal(&LEAST.replace("\"up\"", "\"frontal\"")).0, 8);
        assert_eq!(refusal(&LEAST.replace("[0, 1]", "[2, 1]")).0, 7);
        assert_eq!(refusal(&LEAST.replace("retries = 2", "retries = -1")).0, 10);
        assert_eq!(refusal(&format!("{LEAST}[[clauses]]\nclause = \"1\"\nsays = \"x\"\ntest = \"t\"\nsteps = [\"digits\"]\n")).0, 15);
        assert_eq!(refusal(&LEAST.replace("[head]", "retention_days = 0\n[head]")).0, 7);
        assert_eq!(refusal(&format!("{LEAST}[attempts]\nmost = 0\n")).0, 11);
        assert_eq!(refusal(&format!("{LEAST}[code]\nminutes = 0\n")).0, 11);
        assert_eq!(refusal(&format!("{LEAST}[reconnect]\npolicy = \"hope\"\n")).0, 12);
        assert_eq!(refusal(&format!("{}[questions]\nask = 2\nwrong = 2\n", LEAST.replace("\"movements\"]", "\"questions\"]"))).0, 11);
        assert!(refusal(&LEAST.replace("title = \"t\"\n", "")).1.contains("title"));
        assert_eq!(refusal(&format!("colour = 1\n{LEAST}")).0, 1);
    }

    #[test]
    fn a_clause_is_met_by_its_steps_and_its_evidence_together() {
        let text = format!("{LEAST}[[clauses]]\nclause = \"1\"\nsays = \"x\"\ntest = \"t\"\nsteps = [\"movements\"]\nevidence = [\"recording\", \"drawn\"]\n");
        let profile = Profile::parse("p", &text).expect("a profile");
        let met = |left: &[CheckKind], evidence: &[Evidence]| profile.coverage(left, &evidence.iter().copied().collect()).remove(0);
        assert!(met(&[], &[Evidence::Recording, Evidence::Drawn]).is_met);
        assert!(!met(&[CheckKind::Up], &[Evidence::Recording, Evidence::Drawn]).is_met);
        assert!(met(&[CheckKind::Frontal], &[Evidence::Recording, Evidence::Drawn]).is_met);
        assert_eq!(met(&[], &[Evidence::Drawn]).lacking, [Evidence::Recording]);
    }
}
