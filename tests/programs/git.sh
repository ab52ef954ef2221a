# git: commits, branches, merge, pack, clone, bundle, fsck, bisect.
# guests: riscv64 aarch64
# timeout: 180
set -euo pipefail
export GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=a@b
git init -q -b main r; cd r
for i in 1 2 3 4 5 6; do seq 1 $((i * 1000)) > f; echo "$i" > g$i; git add .; git commit -qm "c$i"; done
git checkout -q -b side HEAD~3; echo x > side; git add side; git commit -qm side; git merge -q main -m merge
[ "$(git log --oneline | wc -l)" = 8 ]; [ "$(wc -l < f)" = 6000 ]
git gc -q; git fsck --full --strict; git clone -q . ../c; cd ../c; [ "$(git rev-parse HEAD)" = "$(git -C ../r rev-parse HEAD)" ]
git bundle create -q ../b --all; git bundle verify -q ../b
git checkout -q origin/main; git bisect start HEAD HEAD~5 > /dev/null
git bisect run sh -c '[ "$(wc -l < f)" -lt 4000 ]' > bisect 2>&1 || { cat bisect; exit 1; }
grep 'is the first .*bad.* commit' bisect > /dev/null || { cat bisect; exit 1; }
