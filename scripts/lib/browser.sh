# shellcheck shell=bash
# A browser and its driver for the tests that need one. `have_browser` finds them, on Debian
# installs them when it may, and tells the tests in YKC_BROWSER and YKC_CHROMEDRIVER.

have_browser() {
    locate_browser && return
    if can_install_browser; then
        install_browser && locate_browser && return
    fi
    return 1
}

locate_browser() {
    local name
    YKC_CHROMEDRIVER=$(command -v chromedriver || true)
    if [[ -z $YKC_CHROMEDRIVER && -x ${CHROMEWEBDRIVER-}/chromedriver ]]; then
        YKC_CHROMEDRIVER=$CHROMEWEBDRIVER/chromedriver
    fi
    for name in google-chrome chromium chromium-browser; do
        YKC_BROWSER=$(command -v "$name" || true)
        [[ -z $YKC_BROWSER ]] || break
    done
    [[ -n $YKC_BROWSER && -n $YKC_CHROMEDRIVER ]] || return 1
    export YKC_BROWSER YKC_CHROMEDRIVER
}

can_install_browser() {
    [[ $(id -u) == 0 ]] && grep -qs '^ID=debian' /etc/os-release && command -v apt-get >/dev/null
}

install_browser() {
    local -x DEBIAN_FRONTEND=noninteractive
    say "browser: installing chromium, its driver and Chinese fonts (Debian packages, about 200 MB)"
    quietly apt-get update &&
        quietly apt-get install --yes --no-install-recommends \
            chromium chromium-driver fonts-noto-cjk
}
