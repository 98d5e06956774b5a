//! `Gemfile` and `Rakefile`: a Ruby project.

use crate::survey::found::Found;
use crate::survey::listing::Folder;
use crate::survey::purpose::Purpose::{Lint, Setup, Test};

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let gem = |name: &str| {
        let asks = |line: &str| {
            let line = line.trim().replace('\'', "\"");
            line.strip_prefix("gem \"").and_then(|rest| rest.split('"').next()) == Some(name)
        };
        folder.find("Gemfile", asks)
    };
    let rspec = gem("rspec").or_else(|| gem("rspec-rails"));
    let task = folder.find("Rakefile", |line| line.contains("Rake::TestTask") || line.contains("Minitest::TestTask"));
    if rspec.is_some() {
        found.usual("ruby", Test, "bundle exec rspec", rspec);
    } else if task.is_some() {
        found.usual("ruby", Test, "bundle exec rake test", task);
    } else if folder.has("bin/rails") {
        found.usual("ruby", Test, "bin/rails test", gem("rails"));
    }
    let rubocop = folder.opening(".rubocop.yml").filter(|_| folder.has("Gemfile")).or_else(|| gem("rubocop"));
    found.usual("ruby", Lint, "bundle exec rubocop", rubocop);
    let source = folder.find("Gemfile", |line| line.trim_start().starts_with("source "));
    found.usual("ruby", Setup, "bundle install", folder.opening("Gemfile.lock").or(source));
}
